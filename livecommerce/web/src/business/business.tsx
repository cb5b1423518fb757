/** A wholesaler's desk of products: list, editor, stock, import. */
import { business as words } from "../i18n/business.ts";
import { Door } from "../lists/door.tsx";
import { Editor } from "./editor.tsx";
import { Import } from "./import.tsx";
import { List } from "./list.tsx";
import { BusinessNav } from "./nav.tsx";
import { at } from "./place.ts";
import { StockView } from "./stock.tsx";

export function Business() {
  return <Door place="business" role="wholesaler" title={words.value.title()}><Here /></Door>;
}

function Here() {
  const { product, view } = at.place.value;
  return (
    <>
      <BusinessNav here="products" />
      {view === "import" ? <Import /> : product === "" ? <List /> : view === "stock" ? <StockView key={product} id={product} /> : <Editor key={product} id={product === "new" ? null : product} />}
    </>
  );
}
