/** One parcel of an order: where it is, and its next step. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { parcels as words } from "../i18n/parcels.ts";
import { focusFirstFault } from "../lists/faults.ts";
import { Confirm } from "../ui/confirm.tsx";
import type { Refusal } from "../wire/rest.ts";
import { parcelStep, type ParcelStep, type PartOrder, type Shipment } from "./api.ts";
import { DeliverDialog } from "./deliver.tsx";
import type { Do } from "./part-order.tsx";
import { TrackingFields } from "./ship-form.tsx";
import { ids } from "./testids.ts";
import { draftOf, isWebLink, trackingFaults, trackingOf } from "./tracking.ts";
import { itemName, ParcelTag, sentence, time } from "./words.tsx";

interface ParcelProps {
  order: PartOrder;
  shipment: Shipment;
  /** Its number within the order, from 1. */
  place: number;
  act: Do;
}

type Asking = "deliver" | "return" | "tracking" | "ship" | null;

export function Parcel({ order, shipment, place, act }: ParcelProps) {
  const t = words.value;
  const asking = useSignal<Asking>(null);
  const restock = useSignal(true);
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const count = shipment.lines.reduce((sum, line) => sum + line.quantity, 0);
  const parcel = t.parcelOf({ place, number: order.order_number });

  const run = async (step: ParcelStep, body: unknown, said: string): Promise<void> => {
    if (working.value) return;
    working.value = true;
    refusal.value = await act(() => parcelStep(shipment.id, step, body), said);
    working.value = false;
    if (!refusal.value) asking.value = null;
  };
  const ask = (what: Asking) => { refusal.value = null; asking.value = what; };
  const refused = refusal.value ? <p class="callout callout-bad" role="alert">{sentence(refusal.value)}</p> : null;
  const button = (step: ParcelStep, label: string, onPress: () => void, primary = false) => (
    <button type="button" class={`button ${primary ? "button-primary" : "button-quiet"}`} data-testid={ids.parcelStep(step)} onClick={onPress}>{label}</button>
  );
  return (
    <section class="panel" aria-label={parcel} data-testid={ids.parcel} data-status={shipment.status}>
      <div class="row"><h2>{t.parcel({ place })}</h2><ParcelTag status={shipment.status} /></div>
      <ul class="cell-list">{shipment.lines.map((line) => <li key={line.order_item_id} dir="auto">{t.times({ count: line.quantity, name: nameOf(order, line.order_item_id) })}</li>)}</ul>
      <Facts shipment={shipment} />
      {asking.value === "tracking" || asking.value === "ship" ? (
        <TrackingForm shipment={shipment} step={asking.value} working={working.value} onSend={run} onClose={() => ask(null)} />
      ) : (
        <div class="actions">
          {shipment.status === "packed" ? button("ship", t.shipPieces({ count }), () => ask("ship"), true) : null}
          {shipment.status === "packed" ? button("unpack", t.unpack(), () => void run("unpack", {}, t.isUnpacked())) : null}
          {shipment.status === "shipped" ? button("deliver", `${t.markDelivered()}…`, () => ask("deliver"), true) : null}
          {shipment.status === "shipped" ? button("tracking", t.editTracking(), () => ask("tracking")) : null}
          {shipment.status === "shipped" ? button("return", `${t.markReturned()}…`, () => ask("return")) : null}
        </div>
      )}
      {asking.value === "deliver" || asking.value === "return" ? null : refused}
      {asking.value === "deliver" ? <DeliverDialog order={order} shipment={shipment} parcel={parcel} act={act} onClose={() => ask(null)} /> : null}
      {asking.value === "return" ? (
        <Confirm title={t.returnTitle({ parcel })} text={order.is_cash_on_delivery ? t.returnTextCash({ count }) : t.returnText({ count })} keep={t.keep()} action={t.markReturned()} danger
          busy={working.value} testid={ids.confirmReturn} onClose={() => ask(null)} onConfirm={() => void run("return", { is_restocked: restock.value }, t.isReturned())}>
          <label class="switch"><span><b>{t.restock()}</b><small>{t.restockHint()}</small></span><input type="checkbox" role="switch" checked={restock.value} data-testid={ids.restock} onChange={(event) => { restock.value = event.currentTarget.checked; }} /></label>
          {refused}
        </Confirm>
      ) : null}
    </section>
  );
}

function nameOf(order: PartOrder, order_item_id: string): string {
  const item = order.items.find((one) => one.order_item_id === order_item_id);
  return item ? itemName(item) : "";
}

function Facts({ shipment }: { shipment: Shipment }) {
  const t = words.value;
  const { carrier, tracking_number, tracking_url } = shipment;
  const dates: [string, number | null][] = [
    [t.packed(), shipment.packed_at_ms], [t.shipped(), shipment.shipped_at_ms], [t.delivered(), shipment.delivered_at_ms], [t.cameBack(), shipment.returned_at_ms],
  ];
  return (
    <dl class="clocks">
      {carrier ? <div><dt>{t.courier()}</dt><dd>{carrier}</dd></div> : null}
      {tracking_number ? (
        <div><dt>{t.trackingNumber()}</dt><dd>{tracking_url && isWebLink(tracking_url) ? <a class="row-link" href={tracking_url} target="_blank" rel="noopener noreferrer">{tracking_number}</a> : tracking_number}</dd></div>
      ) : null}
      {dates.map(([label, at_ms]) => at_ms === null ? null : <div key={label}><dt>{label}</dt><dd>{time(at_ms)}</dd></div>)}
    </dl>
  );
}

interface TrackingFormProps {
  shipment: Shipment;
  step: "tracking" | "ship";
  working: boolean;
  onSend: (step: ParcelStep, body: unknown, said: string) => Promise<void>;
  onClose: () => void;
}

function TrackingForm({ shipment, step, working, onSend, onClose }: TrackingFormProps) {
  const t = words.value;
  const draft = useSignal(draftOf(shipment));
  const isChecked = useSignal(false);
  const form = useRef<HTMLFormElement | null>(null);
  const count = shipment.lines.reduce((sum, line) => sum + line.quantity, 0);
  const submit = () => {
    isChecked.value = true;
    if (Object.keys(trackingFaults(draft.value)).length > 0) return focusFirstFault(form.current);
    void onSend(step, trackingOf(draft.value), step === "ship" ? t.isShipped({ count }) : t.isTracked());
  };
  return (
    <form ref={form} class="form" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <TrackingFields draft={draft} isChecked={isChecked.value} />
      <div class="actions">
        <button type="submit" class="button button-primary" data-testid={ids.ship} aria-disabled={working}>{step === "ship" ? t.shipPieces({ count }) : t.saveTracking()}</button>
        <button type="button" class="button button-quiet" onClick={onClose}>{t.keep()}</button>
      </div>
    </form>
  );
}
