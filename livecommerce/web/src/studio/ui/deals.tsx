/** A deal on a product of the room: the form that begins one, and the one that runs, with how much of it is sold. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { common } from "../../i18n/common.ts";
import { countdown } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { useServerTime } from "../../live/ui/deals.tsx";
import { ids } from "../../testids.ts";
import { Field } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Deal, Payload, Product } from "../../wire/contract.gen.ts";
import { newId } from "../../wire/id.ts";
import { productText } from "../../wire/product-text.ts";
import type { Refusal } from "../../wire/rest.ts";
import { dealPlan, emptyPlan, type DealFault } from "../deal-plan.ts";
import type { RoomState } from "../room-state.ts";

/** Below a product in the room. */
export function DealControls({ room, product }: { room: RoomState; product: Product }) {
  const t = words.value;
  const isOpen = useSignal(false);
  const deals = room.store.state.value.deals.filter((deal) => deal.product_id === product.id);
  const { name } = productText(product, language.value);
  return (
    <>
      {deals.map((deal) => <Running key={deal.id} room={room} product={product} deal={deal} />)}
      {deals.some((deal) => deal.variant_id === null) ? null : (
        <button type="button" class="link-button" data-testid={ids.dealOpen(product.id)} disabled={!room.onAir.value} aria-label={t.dealTitle({ name: name.text })}
          onClick={() => { isOpen.value = true; }}>{t.deal()}</button>
      )}
      {isOpen.value ? <DealDialog room={room} product={product} onClose={() => { isOpen.value = false; }} /> : null}
    </>
  );
}

function Running({ room, product, deal }: { room: RoomState; product: Product; deal: Deal }) {
  const t = words.value;
  const now_ms = useServerTime(room.store, true);
  const price = deal.price_minor;
  const text = now_ms < deal.starts_at_ms ? t.dealBeginsIn({ price, time: countdown(deal.starts_at_ms - now_ms) })
    : now_ms < deal.ends_at_ms ? t.dealEndsIn({ price, time: countdown(deal.ends_at_ms - now_ms) })
    : t.dealEnding({ price });
  const variant = product.variants.find((one) => one.id === deal.variant_id);
  const stop = async () => {
    const answer = await room.stopDeal(deal.id);
    if (answer.refused) toast(refusalText(answer.refused));
  };
  return (
    <span class="deal-running" data-testid={ids.dealRunning(product.id)} data-sold={deal.sold}>
      <span>{variant && product.variants.length > 1 ? `${variant.label} · ` : ""}{text}</span>
      <span>{deal.total_limit === null ? t.dealSold({ sold: deal.sold }) : t.dealSoldOf({ sold: deal.sold, limit: deal.total_limit })}</span>
      <button type="button" class="link-button" data-testid={ids.dealStop(product.id)} onClick={() => void stop()}>{t.dealStop()}</button>
    </span>
  );
}

function DealDialog({ room, product, onClose }: { room: RoomState; product: Product; onClose: () => void }) {
  const t = words.value;
  const dialog = useRef<HTMLDialogElement | null>(null);
  const id = useRef(newId());
  const plan = useSignal(emptyPlan);
  const faults = useSignal<readonly DealFault[]>([]);
  const refusal = useSignal<Refusal | null>(null);
  const busy = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  const { name } = productText(product, language.value);
  const plain = room.store.state.value.plain.find((one) => one.id === product.id) ?? product;
  const covered = plain.variants.filter((one) => plan.value.variant_id === "" || one.id === plan.value.variant_id);
  const usual_minor = Math.min(...covered.map((one) => one.price_minor));
  const set = (change: Partial<typeof emptyPlan>) => {
    plan.value = { ...plan.value, ...change };
    faults.value = [];
    refusal.value = null;
  };
  const fault = (field: string): string | undefined => {
    const found = faults.value.find((one) => one.field === field);
    if (!found) return undefined;
    return found.field === "price" ? t.errDealPrice({ price: usual_minor }) : t.errDealNumber({ least: found.least, most: found.most });
  };
  const start = async () => {
    const made = dealPlan(plan.value, usual_minor);
    faults.value = made.faults;
    if (made.faults.length > 0 || busy.value) return;
    busy.value = true;
    const wanted: Payload<"deal.start"> = { ...made.terms, id: id.current, live_session_id: room.store.id, product_id: product.id };
    const answer = await room.startDeal(wanted);
    busy.value = false;
    if (answer.ok) dialog.current?.close();
    else {
      if (answer.refused.code === "deal.key_reused") id.current = newId();
      refusal.value = answer.refused;
    }
  };
  const input = (field: "price" | "minutes" | "total" | "customer", label: string, hint?: string) => (
    <Field label={label} hint={hint} error={fault(field)}>
      {(attributes) => (
        <input {...attributes} type="text" inputMode={field === "price" ? "decimal" : "numeric"} autocomplete="off" value={plan.value[field]}
          data-testid={ids.dealField(field)} onInput={(event) => set({ [field]: event.currentTarget.value })} />
      )}
    </Field>
  );
  return (
    <dialog ref={dialog} class="dialog deal-dialog" aria-labelledby="deal-title" data-testid={ids.dealForm} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void start(); }} noValidate>
        <h2 id="deal-title">{t.dealTitle({ name: name.text })}</h2>
        <p class="quiet">{t.dealText()}</p>
        {plain.variants.length > 1 ? (
          <Field label={t.dealVariant()}>
            {(attributes) => (
              <select {...attributes} data-testid={ids.dealField("variant")} value={plan.value.variant_id} onChange={(event) => set({ variant_id: event.currentTarget.value })}>
                <option value="">{t.dealAllVariants()}</option>
                {plain.variants.map((one) => <option key={one.id} value={one.id}>{one.label}</option>)}
              </select>
            )}
          </Field>
        ) : null}
        <div class="deal-fields">
          {input("price", t.dealPrice(), t.dealPriceHint({ price: usual_minor }))}
          {input("minutes", t.dealMinutes())}
          {input("total", t.dealTotal(), t.dealNoLimit())}
          {input("customer", t.dealCustomer(), t.dealNoLimit())}
        </div>
        <Field label={t.dealBegins()}>
          {(attributes) => (
            <select {...attributes} data-testid={ids.dealField("begins")} value={plan.value.starts_in_s} onChange={(event) => set({ starts_in_s: event.currentTarget.value })}>
              <option value="0">{t.dealAtOnce()}</option>
              {[10, 30, 60, 120].map((seconds) => <option key={seconds} value={seconds}>{t.dealInSeconds({ seconds })}</option>)}
            </select>
          )}
        </Field>
        <label class="switch">
          <input type="checkbox" data-testid={ids.dealField("aside")} checked={plan.value.is_set_aside}
            disabled={(plain.variants.length > 1 && plan.value.variant_id === "") || plan.value.total.trim() === ""}
            onChange={(event) => set({ is_set_aside: event.currentTarget.checked, ...(plain.variants.length === 1 ? { variant_id: plain.variants[0]!.id } : {}) })} />
          <span>{t.dealAside()}<small>{t.dealAsideHint()}</small></span>
        </label>
        {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
        <div class="actions">
          <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()}>{common.value.close()}</button>
          <button type="submit" class="button button-primary" data-testid={ids.dealStart} disabled={busy.value}>{t.dealStart()}</button>
        </div>
      </form>
    </dialog>
  );
}
