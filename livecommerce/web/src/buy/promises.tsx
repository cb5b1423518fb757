/** In the buy sheet: the deal and its end, what is held and for how long, and the waitlist when nothing is left. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { buy as words } from "../i18n/buy.ts";
import { live as liveWords } from "../i18n/live.ts";
import { refusalText } from "../i18n/refusal.ts";
import { heldOf } from "../live/selling.ts";
import type { Store } from "../live/store.ts";
import { DealLine, HoldLine, runningDeal } from "../live/ui/deals.tsx";
import { ids } from "../testids.ts";
import type { Product, Variant } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";

interface PromisesProps {
  store: Store;
  product: Product;
  variant: Variant | undefined;
  quantity: number;
  /** Somebody is signed in, as a customer; nothing is held for others. */
  isCustomer: boolean;
}

export function Promises({ store, product, variant, quantity, isCustomer }: PromisesProps) {
  const t = words.value;
  const busy = useSignal(false);
  const said = useSignal("");
  const refusal = useSignal<Refusal | null>(null);
  if (!variant) return null;
  const state = store.state.value;
  const held = heldOf(variant.id, state);
  const deal = runningDeal(state, product, variant);
  const place = { live_session_id: store.id, variant_id: variant.id };

  const hold = async () => {
    busy.value = true;
    const answer = await store.connection.call("hold.place", { ...place, quantity }, { timeout_ms: 10_000 });
    busy.value = false;
    refusal.value = answer.refused ?? null;
    if (!answer.ok) return;
    store.apply({ name: "held", hold: answer.ok.hold });
    said.value = answer.ok.missing > 0 ? t.holdPart({ count: answer.ok.hold.quantity }) : "";
  };
  const release = async () => {
    busy.value = true;
    const answer = await store.connection.call("hold.release", place, { timeout_ms: 10_000 });
    busy.value = false;
    refusal.value = answer.refused ?? null;
    if (answer.ok && held) store.apply({ name: "held", hold: { ...held, quantity: 0, expires_at_ms: null } });
    said.value = "";
  };
  const mayHold = isCustomer && state.selling.hold_policy === "hold" && variant.stock > 0;
  return (
    <div class="promises">
      <DealLine store={store} product={product} variant={variant} />
      {deal?.customer_limit ? <span class="quiet">{t.dealLimit({ count: deal.customer_limit })}</span> : null}
      <HoldLine store={store} product={product} variant={variant} />
      {mayHold ? (
        <span class="promises-actions">
          {!held || held.quantity < quantity ? (
            <button type="button" class="link-button" data-testid={ids.holdPlace} disabled={busy.value} onClick={() => void hold()}>
              {held ? t.holdMore() : t.holdFor({ minutes: Math.round(state.selling.hold_ttl_s / 60) })}
            </button>
          ) : null}
          {held ? (
            <button type="button" class="link-button" data-testid={ids.holdRelease} disabled={busy.value} onClick={() => void release()}>{t.giveBack()}</button>
          ) : null}
        </span>
      ) : null}
      {said.value ? <p class="quiet" role="status">{said.value}</p> : null}
      {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
    </div>
  );
}

/** Have it held from the moment that something else has to be done first; where nothing is held, nothing happens. */
export function useHold(store: Store, variant: Variant | undefined, quantity: number, isNeeded: boolean): void {
  useEffect(() => {
    const state = store.state.peek();
    if (!isNeeded || !variant || state.selling.hold_policy !== "hold" || heldOf(variant.id, state) !== null) return;
    void store.connection.call("hold.place", { live_session_id: store.id, variant_id: variant.id, quantity }, { timeout_ms: 10_000 })
      .then((answer) => { if (answer.ok) store.apply({ name: "held", hold: answer.ok.hold }); });
  }, [isNeeded, variant?.id]);
}

/** In place of the buy button when the variant is sold out. */
export function Waitlist({ store, variant, quantity, onAccount }: { store: Store; variant: Variant; quantity: number; onAccount: (() => void) | null }) {
  const t = words.value;
  const busy = useSignal(false);
  const ahead = useSignal<number | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const hold = store.state.value.holds[variant.id];
  const waiting = hold?.waiting ?? 0;
  const place = { live_session_id: store.id, variant_id: variant.id };

  const join = async () => {
    if (onAccount) return onAccount();
    busy.value = true;
    const answer = await store.connection.call("waitlist.join", { ...place, quantity }, { timeout_ms: 10_000 });
    busy.value = false;
    refusal.value = answer.refused ?? null;
    if (answer.refused?.code === "waitlist.available") void store.join();
    if (!answer.ok) return;
    ahead.value = answer.ok.ahead;
    store.apply({ name: "held", hold: answer.ok.hold });
  };
  const leave = async () => {
    busy.value = true;
    const answer = await store.connection.call("waitlist.leave", place, { timeout_ms: 10_000 });
    busy.value = false;
    refusal.value = answer.refused ?? null;
    if (answer.ok && hold) store.apply({ name: "held", hold: { ...hold, waiting: 0 } });
  };
  return (
    <div class="waitlist">
      {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
      {waiting > 0 ? (
        <>
          <p role="status" data-testid={ids.waiting}>
            <strong>{liveWords.value.waitingFor({ count: waiting })}</strong>{" "}
            {ahead.value === null ? "" : t.waitlisted({ ahead: ahead.value })} {t.waitlistText()}
          </p>
          <button type="button" class="button button-quiet button-wide" data-testid={ids.waitlistLeave} disabled={busy.value}
            onClick={() => void leave()}>{t.leaveWaitlist()}</button>
        </>
      ) : (
        <button type="button" class="button button-primary button-wide" data-testid={ids.waitlistJoin} disabled={busy.value}
          onClick={() => void join()}>{t.joinWaitlist()}</button>
      )}
    </div>
  );
}
