import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { orders as orderWords } from "../i18n/orders.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import { Table, type Column } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { methodText, paymentText, statusText, statusTone } from "../orders/words.ts";
import { sentence, time } from "../parcels/words.tsx";
import { Empty } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { adminOrders, statuses, type AdminOrderRow } from "./api.ts";
import { follow, go, place, to } from "./place.ts";
import { ids } from "./testids.ts";
import { filterText } from "./words.ts";

export function Queue() {
  const t = words.value;
  const { after, search } = place.value;
  const status = statuses.find((one) => one === place.value.status) ?? "";
  const listed = useListed(`${status} ${search} ${after}`, () => adminOrders(status, search, after));
  const next = listed.page?.next;
  const isSearch = search !== "";
  return (
    <>
      <Search key={search} />
      {isSearch ? <p class="quiet">{t.found({ number: search })} <a class="row-link" {...follow(to({ search: "", after: "" }))}>{t.showAll()}</a></p> : (
        <Filters label={t.filters()} here={status === "" ? "all" : status} choices={statuses.map((key) => (
          { key: key === "" ? "all" : key, label: filterText(key), way: follow(to({ status: key, after: "" })) }
        ))} />
      )}
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.orders.length === 0 ? <Empty title={isSearch ? t.notFound() : t.none()} text={isSearch ? t.notFoundText() : undefined} /> : (
          <Table caption={t.title()} columns={columns()} rows={page.orders} keyOf={(order) => order.id} testid={(order) => ids.row(order.order_number)} />
        )}
      </ListView>
      <Pager older={next ? follow(to({ after: next })) : null} first={after === "" ? null : follow(to({ after: "" }))} />
    </>
  );
}

function Search() {
  const t = words.value;
  const typed = useSignal(place.value.search);
  return (
    <form role="search" onSubmit={(event) => { event.preventDefault(); go(to({ search: typed.value.trim(), after: "" })); }}>
      <label class="search ticket-search">
        <span class="unseen">{t.search()}</span>
        <Icon name="search" />
        <input type="search" placeholder={t.search()} maxLength={50} autocomplete="off" autocapitalize="characters" spellcheck={false} value={typed.value} data-testid={ids.search}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            if (typed.value === "" && place.value.search !== "") go(to({ search: "", after: "" }), true);
          }} />
      </label>
    </form>
  );
}

function columns(): Column<AdminOrderRow>[] {
  const t = words.value;
  const texts = orderWords.value;
  return [
    { key: "order", label: t.order(), head: true, cell: (order) => <a class="row-link" {...follow(to({ order: order.id }))}>{order.order_number}</a> },
    { key: "placed", label: t.placed(), cell: (order) => time(order.placed_at_ms) },
    { key: "customer", label: t.customer(), cell: (order) => <span dir="auto">{order.customer_name || t.noCustomer()}{order.customer_email ? <small class="quiet cell-note">{order.customer_email}</small> : null}</span> },
    { key: "status", label: t.state(), cell: (order) => <span class="tag" data-tone={statusTone(order)} data-status={order.status}>{statusText(texts, order)}</span> },
    { key: "payment", label: t.payment(), cell: (order) => <>{paymentText(texts, order)}{order.payment_method ? <small class="quiet cell-note">{methodText(texts, order.payment_method)}</small> : null}</> },
    { key: "total", label: t.total(), figures: true, cell: (order) => money(language.value, order.total_minor) },
  ];
}
