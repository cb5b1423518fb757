import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { parcels as words } from "../i18n/parcels.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import { Table, type Column } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { partOrders, type Counts, type PartOrder, type Shelf } from "./api.ts";
import { follow, place, to } from "./place.ts";
import { ids } from "./testids.ts";
import { itemName, PartTag, sentence, time } from "./words.tsx";

const shelves: readonly Shelf[] = ["to_pack", "packed", "on_the_way", "done", "all"];

export function Queue() {
  const t = words.value;
  const { after } = place.value;
  const shelf = shelves.find((one) => one === place.value.shelf) ?? "to_pack";
  const listed = useListed(`${shelf} ${after}`, () => partOrders(shelf, after));
  const older = listed.page?.next;
  return (
    <>
      <Shelves here={shelf} counts={listed.page?.counts ?? null} />
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.orders.length === 0 ? <NoOrders shelf={shelf} /> : (
          <Table caption={t.title()} columns={columns()} rows={page.orders} keyOf={(order) => order.id} testid={(order) => ids.row(order.order_number)} />
        )}
      </ListView>
      <Pager older={older ? follow(to({ after: older })) : null} first={after === "" ? null : follow(to({ after: "" }))} />
    </>
  );
}

function Shelves({ here, counts }: { here: Shelf; counts: Counts | null }) {
  const t = words.value;
  const choices: [Shelf, string, number | null | undefined][] = [
    ["to_pack", t.toShip(), counts ? counts.to_pack : null], ["packed", t.packed(), counts ? counts.packed : null], ["on_the_way", t.shipped(), counts ? counts.on_the_way : null],
    ["done", t.done(), undefined], ["all", t.all(), undefined],
  ];
  return (
    <Filters label={t.status()} here={here} choices={choices.map(([key, label, count]) => (
      { key, label, count, urgent: key === "to_pack", way: follow(to({ shelf: key, after: "" })) }
    ))} />
  );
}

function NoOrders({ shelf }: { shelf: Shelf }) {
  const t = words.value;
  if (shelf === "to_pack") return <Empty title={t.nothingWaits()} text={t.nothingWaitsText()} />;
  return <Empty title={t.noneHere()} text={shelf === "all" ? t.noOrdersText() : undefined} />;
}

function columns(): Column<PartOrder>[] {
  const t = words.value;
  return [
    { key: "order", label: t.order(), head: true, cell: (order) => <a class="row-link" {...follow(to({ order: order.id }))}>{order.order_number}</a> },
    { key: "placed", label: t.placed(), cell: (order) => time(order.placed_at_ms) },
    { key: "items", label: t.items(), cell: (order) => <Items order={order} /> },
    { key: "where", label: t.deliverTo(), cell: (order) => <span dir="auto">{order.address.name}, {order.address.city}</span> },
    { key: "status", label: t.status(), cell: (order) => <PartTag status={order.status} /> },
    { key: "total", label: t.total(), figures: true, cell: (order) => (
      <>{money(language.value, order.total_minor)}{order.is_cash_on_delivery ? <small class="quiet cell-note">{t.cashOnDelivery()}</small> : null}</>
    ) },
  ];
}

const shownItems = 3;

function Items({ order }: { order: PartOrder }) {
  const rest = order.items.length - shownItems;
  return (
    <ul class="cell-list">
      {order.items.slice(0, shownItems).map((item) => <li key={item.order_item_id} dir="auto">{words.value.times({ count: item.quantity, name: itemName(item) })}</li>)}
      {rest > 0 ? <li class="quiet">{words.value.moreItems({ count: rest })}</li> : null}
    </ul>
  );
}
