/** A wholesaler's orders: what to ship, what came back, and the invoices. */
import { BusinessNav } from "../business/nav.tsx";
import { parcels as words } from "../i18n/parcels.ts";
import { Door } from "../lists/door.tsx";
import { Tabs } from "../lists/tabs.tsx";
import { Invoices } from "./invoices.tsx";
import { PartOrderView } from "./part-order.tsx";
import { follow, place, to } from "./place.ts";
import { Queue } from "./queue.tsx";
import { Returns } from "./returns.tsx";

export function Parcels() {
  return <Door place="business" role="wholesaler" title={words.value.title()}><Here /></Door>;
}

function Here() {
  const t = words.value;
  const { view, order } = place.value;
  if (order !== "") return <PartOrderView key={order} id={order} />;
  return (
    <>
      <BusinessNav here="orders" />
      <div class="page-head">
        <h1>{t.title()}</h1>
        <Tabs inner label={t.title()} here={view} choices={[
          { key: "orders", label: t.orders(), way: follow(to({ view: "orders" }, true)) },
          { key: "returns", label: t.returns(), way: follow(to({ view: "returns" }, true)) },
          { key: "invoices", label: t.invoices(), way: follow(to({ view: "invoices" }, true)) },
        ]} />
      </div>
      {view === "returns" ? <Returns /> : view === "invoices" ? <Invoices /> : <Queue />}
    </>
  );
}
