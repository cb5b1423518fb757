/** One order as its wholesaler sees it: own lines only, what is still to ship, the parcels, the address. */
import { useSignal } from "@preact/signals";
import { BusinessNav } from "../business/nav.tsx";
import { money, number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { parcels as words } from "../i18n/parcels.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table, type Column } from "../lists/table.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import type { Refusal, Reply } from "../wire/rest.ts";
import { partOrder, type Item, type PartOrder } from "./api.ts";
import { DeclineDialog } from "./decline.tsx";
import { InvoiceLink } from "./invoices.tsx";
import { Parcel } from "./parcel.tsx";
import { follow, to } from "./place.ts";
import { ReturnCard } from "./returns.tsx";
import { ShipForm } from "./ship-form.tsx";
import { ids } from "./testids.ts";
import { addressLines, cashText, itemName, outOfDate, PartTag, sentence, time } from "./words.tsx";

/** Does one thing to the order and shows what came of it; the refusal, or null when it is done. */
export type Do = (call: () => Promise<Reply<{ order: PartOrder }>>, said: string) => Promise<Refusal | null>;

export function PartOrderView({ id }: { id: string }) {
  const t = words.value;
  const listed = useListed(id, () => partOrder(id));
  const act: Do = async (call, said) => {
    const answer = await call();
    if (answer.ok) {
      listed.put(answer.ok);
      toast(said);
    } else if (outOfDate.has(answer.refused.code)) void listed.load();
    return answer.refused ?? null;
  };
  return (
    <>
      <BusinessNav here="orders" />
      <a class="back-link" {...follow(to({ order: "" }))}><Icon name="back" />{t.backToList()}</a>
      <ListView listed={listed} sentence={sentence}>{({ order }) => <Found order={order} act={act} reload={() => void listed.load()} />}</ListView>
    </>
  );
}

function Found({ order, act, reload }: { order: PartOrder; act: Do; reload: () => void }) {
  const t = words.value;
  const declining = useSignal(false);
  const isOpen = order.items.some((item) => item.open > 0);
  return (
    <div class="desk">
      <div class="query-head desk-head">
        <h1>{order.order_number}</h1>
        <p class="query-facts"><PartTag status={order.status} /><span>{t.placedAt({ time: time(order.placed_at_ms) })}</span></p>
      </div>
      <div class="desk-thread">
        <section class="panel" aria-labelledby="items">
          <h2 id="items">{t.yourItems()}</h2>
          <Table caption={t.yourItems()} columns={columns()} rows={order.items} keyOf={(item) => item.order_item_id} />
          {isOpen ? (
            <button type="button" class="link-button link-start" data-testid={ids.decline} onClick={() => { declining.value = true; }}>{t.cannotDeliver()}…</button>
          ) : null}
        </section>
        {isOpen ? (order.is_ready === false ? <p class="callout">{t.orderNotPaid()}</p> : <ShipForm order={order} act={act} />) : null}
        {order.shipments.map((shipment, at) => <Parcel key={shipment.id} order={order} shipment={shipment} place={at + 1} act={act} />)}
        {order.returns.map((one) => <ReturnCard key={one.id} one={one} onDone={reload} />)}
      </div>
      <aside class="desk-side">
        <Delivery order={order} />
        {order.invoices.length > 0 ? (
          <section class="panel" aria-labelledby="invoices">
            <h2 id="invoices">{t.invoices()}</h2>
            <ul class="plain-list">{order.invoices.map((invoice) => <li key={invoice.id}><InvoiceLink order={order.id} invoice={invoice} /></li>)}</ul>
          </section>
        ) : null}
      </aside>
      {declining.value ? <DeclineDialog order={order} act={act} onClose={() => { declining.value = false; }} /> : null}
    </div>
  );
}

function columns(): Column<Item>[] {
  const t = words.value;
  const figure = (value: number) => (value === 0 ? <span class="quiet">–</span> : number(language.value, value));
  return [
    { key: "item", label: t.item(), head: true, cell: (item) => <span dir="auto">{itemName(item)}{item.sku ? <small class="quiet cell-note">{item.sku}</small> : null}</span> },
    { key: "quantity", label: t.ordered(), figures: true, cell: (item) => figure(item.quantity) },
    { key: "open", label: t.openPieces(), figures: true, cell: (item) => (item.open === 0 ? figure(0) : <strong>{number(language.value, item.open)}</strong>) },
    { key: "shipped", label: t.shippedPieces(), figures: true, cell: (item) => figure(item.quantity_shipped) },
    { key: "cancelled", label: t.cancelled(), figures: true, cell: (item) => figure(item.quantity_cancelled) },
    { key: "total", label: t.total(), figures: true, cell: (item) => money(language.value, item.total_minor) },
  ];
}

function Delivery({ order }: { order: PartOrder }) {
  const t = words.value;
  const { address } = order;
  return (
    <section class="panel" aria-labelledby="delivery">
      <h2 id="delivery">{t.deliverTo()}</h2>
      <address class="address" dir="auto">
        <strong>{address.name}</strong>
        {addressLines(address).map((line) => <span key={line}>{line}</span>)}
        <a href={`tel:${address.phone}`}>{address.phone}</a>
      </address>
      <dl class="facts">
        <div><dt>{t.payment()}</dt><dd>{order.cash ? t.cashOnDelivery() : t.paid()}</dd></div>
        {order.cash ? <div><dt>{t.cash()}</dt><dd data-testid={ids.cash} data-status={order.cash.status} data-own={order.cash.is_with_wholesaler}>{cashText(order.cash)}</dd></div> : null}
        <div><dt>{t.yourTotal()}</dt><dd>{money(language.value, order.total_minor)}</dd></div>
        {order.buyer_gstin ? <div><dt>{t.buyerGstin()}</dt><dd>{order.buyer_gstin}</dd></div> : null}
      </dl>
    </section>
  );
}
