/** The products of a wholesaler, newest first. */
import { useSignal } from "@preact/signals";
import { business as words } from "../i18n/business.ts";
import { money, number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import { Table, type Column } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { toast } from "../ui/toast.tsx";
import { download } from "../wire/download.ts";
import { list, states, type Listed } from "./api.ts";
import { at } from "./place.ts";
import { ids } from "./testids.ts";
import { sentence, stateText, statusText } from "./words.ts";

export function List() {
  const t = words.value;
  const { search, state, after } = at.place.value;
  const listed = useListed(`${search}|${state}|${after}`, () => list(search, state, after));
  const counts = listed.page?.counts;
  const isNarrowed = search !== "" || state !== "all";
  const add = <a class="button button-primary" data-testid={ids.create} {...at.follow(at.to({ product: "new" }))}><Icon name="plus" />{t.newProduct()}</a>;
  return (
    <>
      <div class="page-head">
        <h1>{t.title()}</h1>
        <div class="actions"><Files />{add}</div>
      </div>
      <Find />
      <Filters label={t.filters()} here={state} choices={states.map((one) => ({
        key: one, label: stateText(one), count: counts ? counts[one] : null, urgent: one === "low_stock" || one === "sold_out", way: at.follow(at.to({ state: one, after: "" })),
      }))} />
      <ListView listed={listed} sentence={sentence}>
        {(page) => (
          <>
            {page.products.length > 0 ? <Table caption={t.title()} columns={columns()} rows={page.products} keyOf={(row) => row.id} testid={(row) => ids.row(row.id)} /> : isNarrowed ? (
              <Empty title={t.nothingTitle()} text={t.nothingText()}><a class="button button-primary" {...at.follow(at.to({}, true))}>{t.showAll()}</a></Empty>
            ) : <Empty title={t.emptyTitle()} text={t.emptyText()}>{add}</Empty>}
            <Pager older={page.next ? at.follow(at.to({ after: page.next })) : null} first={after ? at.follow(at.to({ after: "" })) : null} />
          </>
        )}
      </ListView>
    </>
  );
}

function Files() {
  const t = words.value;
  const save = async () => {
    const refusal = await download("/wholesaler/product-export", "products.csv");
    if (refusal) toast(sentence(refusal));
  };
  return (
    <>
      <a class="button button-quiet" data-testid={ids.import} {...at.follow(at.to({ view: "import" }))}>{t.import()}</a>
      <button type="button" class="button button-quiet" data-testid={ids.export} onClick={() => void save()}>{t.export()}</button>
    </>
  );
}

function Find() {
  const t = words.value;
  const typed = useSignal(at.place.value.search);
  return (
    <form role="search" onSubmit={(event) => { event.preventDefault(); at.go(at.to({ search: typed.value.trim(), after: "" })); }}>
      <label class="search">
        <span class="unseen">{t.find()}</span><Icon name="search" />
        <input type="search" value={typed.value} placeholder={t.findHint()} maxLength={100} data-testid={ids.find}
          onInput={(event) => { typed.value = event.currentTarget.value; if (typed.value === "") at.go(at.to({ search: "", after: "" }), true); }} />
      </label>
    </form>
  );
}

function columns(): readonly Column<Listed>[] {
  const t = words.value;
  return [
    { key: "product", label: t.colProduct(), head: true, cell: (row) => (
      <a class="own-product" {...at.follow(at.to({ product: row.id }))}>
        <Picture url={row.image_url} name={row.name} size={48} />
        <span><strong dir="auto">{row.name}</strong><span class="quiet">{[row.sku, row.category].filter(Boolean).join(" · ")}</span></span>
      </a>
    ) },
    { key: "status", label: t.colStatus(), cell: (row) => <span class="tag" data-tone={row.status === "active" ? "good" : undefined}>{statusText(row.status)}</span> },
    { key: "price", label: t.colPrice(), figures: true, cell: (row) => money(language.value, row.price_minor) },
    { key: "stock", label: t.colStock(), figures: true, cell: (row) => (
      <span class="stock" data-level={row.stock === 0 ? "none" : row.is_low ? "few" : "plenty"}>{row.stock === 0 ? t.soldOut() : row.is_low ? t.lowStock({ count: row.stock }) : number(language.value, row.stock)}</span>
    ) },
    { key: "sold", label: t.colSold(), figures: true, cell: (row) => number(language.value, row.total_sales) },
    { key: "do", label: t.colDo(), bare: true, cell: (row) => <a class="button button-quiet button-small" data-testid={ids.stock(row.id)} aria-label={t.stockOf({ name: row.name })} {...at.follow(at.to({ product: row.id, view: "stock" }))}>{t.stock()}</a> },
  ];
}
