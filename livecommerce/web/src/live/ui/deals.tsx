/** Deals and holds on the live page: countdowns by the server's clock, which end nothing by themselves. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { countdown } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import type { Deal, Product, Variant } from "../../wire/contract.gen.ts";
import { productText } from "../../wire/product-text.ts";
import type { LivePage } from "../page-state.ts";
import { comingDeal, dealLeft, dealOf, heldOf } from "../selling.ts";
import type { LiveState } from "../state.ts";
import type { Store } from "../store.ts";

/** The server's time, once a second while somebody counts. */
export function useServerTime(store: Store, counts: boolean): number {
  const now_ms = useSignal(store.now_ms());
  useEffect(() => {
    if (!counts) return;
    now_ms.value = store.now_ms();
    const timer = setInterval(() => { now_ms.value = store.now_ms(); }, 1_000);
    return () => clearInterval(timer);
  }, [store, counts]);
  return now_ms.value;
}

/** The running deal of a product as it is shown: of the variant, or the first of its variants that has one. */
export function runningDeal(state: LiveState, product: Product, variant?: Variant): Deal | null {
  const plain = state.plain.find((one) => one.id === product.id);
  const variants = plain?.variants.filter((one) => variant === undefined || one.id === variant.id) ?? [];
  return variants.map((one) => dealOf(product.id, one, state)).find((deal) => deal !== null) ?? null;
}

interface LineProps {
  store: Store;
  product: Product;
  variant?: Variant | undefined;
  /** In a row that must not grow. */
  short?: boolean;
}

/** "Deal: 2:31 left · 3 left at this price", or when it begins; nothing without a deal. */
export function DealLine({ store, product, variant, short = false }: LineProps) {
  const t = words.value;
  const state = store.state.value;
  const running = runningDeal(state, product, variant);
  const coming = running ? null : comingDeal(product.id, state);
  const now_ms = useServerTime(store, running !== null || coming !== null);
  if (running) {
    const left_ms = running.ends_at_ms - now_ms;
    const left = dealLeft(running);
    return (
      <span class="deal-line" data-testid={ids.deal} data-deal-id={running.id}>
        <span role="timer" aria-live="off">{left_ms <= 0 ? t.dealEnding() : (short ? t.dealShort : t.dealEnds)({ time: countdown(left_ms) })}</span>
        {left !== null && left_ms > 0 ? <span>{(short ? t.dealShortFew : t.dealFew)({ count: left })}</span> : null}
      </span>
    );
  }
  if (coming) {
    return (
      <span class="deal-line" data-testid={ids.deal} data-deal-id={coming.id} data-coming>
        {(short ? t.dealShortSoon : t.dealSoon)({ price: coming.price_minor, time: countdown(coming.starts_at_ms - now_ms) })}
      </span>
    );
  }
  return null;
}

/** "2 held for you · 9:58" for the variants of a product; nothing without a hold. */
export function HoldLine({ store, product, variant }: Omit<LineProps, "short">) {
  const t = words.value;
  const state = store.state.value;
  const variants = variant ? [variant] : product.variants;
  const holds = variants.map((one) => heldOf(one.id, state)).filter((hold) => hold !== null);
  const now_ms = useServerTime(store, holds.length > 0);
  if (holds.length === 0) return null;
  const count = holds.reduce((sum, hold) => sum + hold.quantity, 0);
  const left_ms = Math.min(...holds.map((hold) => hold.expires_at_ms ?? 0)) - now_ms;
  return <span class="hold-line" data-testid={ids.hold}><Icon name="clock" />{t.heldForYou({ count, time: countdown(left_ms) })}</span>;
}

/** What is held for this person and runs out first, above the pinned product; a tap goes on buying it. */
export function HoldPill({ page }: { page: LivePage }) {
  const t = words.value;
  const state = page.store.state.value;
  const held = state.products.flatMap((product) => product.variants.map((variant) => ({ product, hold: heldOf(variant.id, state) })));
  const soonest = held.filter(({ hold }) => hold !== null)
    .reduce<(typeof held)[number] | null>((best, one) =>
      (best === null || (one.hold!.expires_at_ms ?? 0) < (best.hold!.expires_at_ms ?? 0) ? one : best), null);
  const now_ms = useServerTime(page.store, soonest !== null);
  if (!soonest?.hold || page.sheet.value !== null) return null;
  const { product, hold } = soonest;
  const time = countdown((hold.expires_at_ms ?? 0) - now_ms);
  return (
    <button type="button" class="hold-pill" data-testid={ids.holdPill} onClick={() => page.openProduct(product.id)}
      aria-label={t.heldName({ name: productText(product, language.value).name.text, count: hold.quantity, time })}>
      <Icon name="clock" /><span>{t.heldForYou({ count: hold.quantity, time })}</span>
    </button>
  );
}
