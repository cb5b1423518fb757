/** The next parcel of an order: which pieces, by which courier. Everything that is open, unless some is left out. */
import { useSignal, type Signal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { parcels as words } from "../i18n/parcels.ts";
import { focusFirstFault } from "../lists/faults.ts";
import { Attempts } from "../support/attempt.ts";
import { Field } from "../ui/field.tsx";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { pack, ship, type PartOrder } from "./api.ts";
import type { Do } from "./part-order.tsx";
import { PiecesField } from "./pieces-field.tsx";
import { countOf, linesOf, within, type Pieces } from "./pieces.ts";
import { ids } from "./testids.ts";
import { couriers, noTracking, trackingFaults, trackingOf, type TrackingDraft } from "./tracking.ts";
import { itemName, sentence, trackingFault } from "./words.tsx";

export function ShipForm({ order, act }: { order: PartOrder; act: Do }) {
  const t = words.value;
  const chosen = useSignal<Pieces>({});
  const tracking = useSignal<TrackingDraft>(noTracking);
  const isChecked = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const form = useRef<HTMLFormElement | null>(null);
  const pieces = within(chosen.value, order.items);
  const count = countOf(pieces);
  const open = order.items.filter((item) => item.open > 0);

  async function send(step: "ship" | "pack"): Promise<void> {
    refusal.value = null;
    isChecked.value = true;
    if (count === 0) return;
    if (step === "ship" && Object.keys(trackingFaults(tracking.value)).length > 0) return focusFirstFault(form.current);
    working.value = true;
    const [lines, way] = [linesOf(pieces), trackingOf(tracking.value)];
    const id = attempts.current.idOf([step, lines, way]);
    refusal.value = step === "ship" ? await act(() => ship(order.id, id, lines, way), t.isShipped({ count })) : await act(() => pack(order.id, id, lines), t.isPacked({ count }));
    working.value = false;
    if (refusal.value) return;
    attempts.current.done();
    isChecked.value = false;
    chosen.value = {};
    tracking.value = noTracking;
  }

  return (
    <form ref={form} class="panel form" noValidate aria-labelledby="ship" onSubmit={(event) => { event.preventDefault(); if (!working.value) void send("ship"); }}>
      <h2 id="ship">{order.shipments.length > 0 ? t.nextParcel() : t.shipTitle()}</h2>
      <PiecesField legend={t.inParcel()} pieces={pieces} onChange={(next) => { chosen.value = next; }} testid={ids.pieces}
        lines={open.map((item) => ({ key: item.order_item_id, name: itemName(item), most: item.open }))} />
      <TrackingFields draft={tracking} isChecked={isChecked.value} />
      {isChecked.value && count === 0 ? <p class="field-error" role="alert">{t.errNoPieces()}</p> : null}
      {refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(refusal.value)}</p> : null}
      <div class="actions">
        <button type="submit" class="button button-primary" data-testid={ids.ship} aria-disabled={working.value}>{t.shipPieces({ count })}</button>
        <button type="button" class="button button-quiet" data-testid={ids.pack} aria-disabled={working.value} onClick={() => { if (!working.value) void send("pack"); }}>{t.packOnly()}</button>
      </div>
      <p class="quiet">{t.shipHint()}</p>
    </form>
  );
}

export function TrackingFields({ draft, isChecked }: { draft: Signal<TrackingDraft>; isChecked: boolean }) {
  const t = words.value;
  const names = useId();
  const faults = isChecked ? trackingFaults(draft.value) : {};
  const change = (part: Partial<TrackingDraft>) => { draft.value = { ...draft.value, ...part }; };
  return (
    <div class="tracking">
      <Field label={t.courier()} optional={t.optional()} error={trackingFault(faults.carrier)}>
        {(described) => (
          <>
            <input {...described} list={names} value={draft.value.carrier} autocomplete="off" data-testid={ids.carrier} onInput={(event) => change({ carrier: event.currentTarget.value })} />
            <datalist id={names}>{couriers.map((name) => <option key={name} value={name} />)}</datalist>
          </>
        )}
      </Field>
      <Field label={t.trackingNumber()} optional={t.optional()} error={trackingFault(faults.tracking_number)}>
        {(described) => (
          <input {...described} value={draft.value.tracking_number} autocomplete="off" autocapitalize="characters" spellcheck={false} data-testid={ids.trackingNumber}
            onInput={(event) => change({ tracking_number: event.currentTarget.value })} />
        )}
      </Field>
      <Field label={t.trackingLink()} optional={t.optional()} hint={t.trackingLinkHint()} error={trackingFault(faults.tracking_url)}>
        {(described) => (
          <input {...described} type="url" inputMode="url" value={draft.value.tracking_url} autocomplete="off" spellcheck={false} data-testid={ids.trackingUrl}
            onInput={(event) => change({ tracking_url: event.currentTarget.value })} />
        )}
      </Field>
    </div>
  );
}
