/** One order as an admin sees it: all of its parts, its parcels, its money, and to whom its lines were attributed. */
import { useSignal } from "@preact/signals";
import { money, number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { orders as orderWords } from "../i18n/orders.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table, type Column } from "../lists/table.tsx";
import type { Item, Part } from "../orders/api.ts";
import { Refunds } from "../orders/returns.tsx";
import { Steps } from "../orders/steps.tsx";
import { Address, Summary } from "../orders/summary.tsx";
import { statusText, statusTone } from "../orders/words.ts";
import type { PartOrder } from "../parcels/api.ts";
import { Parcel } from "../parcels/parcel.tsx";
import type { Do } from "../parcels/part-order.tsx";
import { ReturnCard } from "../parcels/returns.tsx";
import { itemName, outOfDate, PartTag, sentence, time } from "../parcels/words.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import type { Reply } from "../wire/rest.ts";
import { adminOrder, type AdminOrder, type AdminOrderAnswer } from "./api.ts";
import { Attributions } from "./attributions.tsx";
import { CancelDialog } from "./cancel.tsx";
import { follow, to } from "./place.ts";
import { Customer, History, Papers, PaymentState } from "./side.tsx";
import { ids } from "./testids.ts";
import { cancelReason } from "./words.ts";

/** Shows what an act on the order has answered, and hands the answer on. */
export type Done = (answer: Reply<AdminOrderAnswer>, said: string) => Reply<AdminOrderAnswer>;

export function AdminOrderView({ id }: { id: string }) {
  const t = words.value;
  const listed = useListed(id, () => adminOrder(id));
  const done: Done = (answer, said) => {
    if (answer.ok) {
      listed.put(answer.ok);
      toast(said);
    } else if (outOfDate.has(answer.refused.code)) void listed.load();
    return answer;
  };
  return (
    <>
      <a class="back-link" {...follow(to({ order: "" }))}><Icon name="back" />{t.backToList()}</a>
      <ListView listed={listed} sentence={sentence}>{({ order }) => <Found order={order} done={done} reload={() => void listed.load()} />}</ListView>
    </>
  );
}

function Found({ order, done, reload }: { order: AdminOrder; done: Done; reload: () => void }) {
  const t = words.value;
  const cancelling = useSignal(false);
  // The parcel's own routes answer with one part; the page shows all of them.
  const act: Do = async (call, said) => {
    const answer = await call();
    if (answer.ok) toast(said);
    if (answer.ok || outOfDate.has(answer.refused.code)) reload();
    return answer.refused ?? null;
  };
  return (
    <div class="desk">
      <div class="query-head desk-head">
        <h1>{order.order_number}</h1>
        <p class="query-facts">
          <span class="tag" data-tone={statusTone(order)} data-status={order.status} data-testid={ids.status}>{statusText(orderWords.value, order)}</span>
          <span>{t.placedAt({ time: time(order.placed_at_ms) })}</span>
        </p>
        {order.status === "cancelled" && order.cancel_reason ? <p class="quiet" dir="auto">{t.cancelledBecause({ reason: cancelReason(order.cancel_reason) })}</p> : null}
        <Steps order={order} />
        {order.can.includes("cancel") ? (
          <div class="actions"><button type="button" class="button button-quiet" data-testid={ids.cancel} onClick={() => { cancelling.value = true; }}>{t.cancel()}…</button></div>
        ) : null}
      </div>
      <div class="desk-thread">
        {order.parts.map((part) => <PartSection key={part.wholesaler_id ?? ""} order={order} part={part} act={act} />)}
        {order.returns.map((one) => <ReturnCard key={one.id} one={one} onDone={reload} />)}
        <Refunds order={order} />
        <Attributions order={order} />
        <History order={order} />
      </div>
      <aside class="desk-side">
        <Customer order={order} />
        <Summary order={order} />
        <PaymentState order={order} />
        <Address order={order} />
        <Papers order={order} />
      </aside>
      {cancelling.value ? <CancelDialog order={order} done={done} onClose={() => { cancelling.value = false; }} /> : null}
    </div>
  );
}

function PartSection({ order, part, act }: { order: AdminOrder; part: Part; act: Do }) {
  const t = words.value;
  const asPart = partOrder(order, part);
  return (
    <>
      <section class="panel" aria-label={t.soldBy({ name: part.wholesaler_name })}>
        <div class="row"><h2 dir="auto">{t.soldBy({ name: part.wholesaler_name })}</h2><PartTag status={part.status} /></div>
        <Table caption={t.items()} columns={columns()} rows={part.items} keyOf={(item) => item.order_item_id} />
      </section>
      {part.shipments.map((shipment, at) => <Parcel key={shipment.id} order={asPart} shipment={shipment} place={at + 1} act={act} />)}
    </>
  );
}

/** As its wholesaler sees it. Cash is left out: an admin books what couriers collect at the money desk. */
function partOrder(order: AdminOrder, part: Part): PartOrder {
  const { address } = order;
  return {
    id: order.id, order_number: order.order_number, status: part.status, is_cash_on_delivery: order.payment_method === "cod", cash: null, is_ready: null,
    placed_at_ms: order.placed_at_ms, address: { ...address, line2: address.line2 ?? null, landmark: address.landmark ?? null, country: address.country ?? "IN" }, buyer_gstin: order.buyer_gstin,
    total_minor: part.items.reduce((sum, item) => sum + item.total_minor, 0),
    items: part.items.map((item) => ({ ...item, sku: null, open: item.cancellable })),
    shipments: part.shipments, invoices: [], returns: [],
  };
}

function columns(): Column<Item>[] {
  const t = words.value;
  const figure = (value: number) => (value === 0 ? <span class="quiet">–</span> : number(language.value, value));
  return [
    { key: "item", label: t.item(), head: true, cell: (item) => <span dir="auto">{item.product_id === null ? itemName(item) : <a class="row-link" href={`/products/${item.product_id}`}>{itemName(item)}</a>}<small class="quiet cell-note">{t.each({ price: item.unit_price_minor })}</small></span> },
    { key: "quantity", label: t.ordered(), figures: true, cell: (item) => figure(item.quantity) },
    { key: "shipped", label: t.shipped(), figures: true, cell: (item) => figure(item.quantity_shipped) },
    { key: "delivered", label: t.delivered(), figures: true, cell: (item) => figure(item.quantity_delivered) },
    { key: "returned", label: t.returned(), figures: true, cell: (item) => figure(item.quantity_returned) },
    { key: "cancelled", label: t.cancelled(), figures: true, cell: (item) => figure(item.quantity_cancelled) },
    { key: "total", label: t.total(), figures: true, cell: (item) => money(language.value, item.total_minor) },
  ];
}
