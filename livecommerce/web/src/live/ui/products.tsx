/** Products on the live page: the card of the pinned one, and the shelf of all. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { live as words } from "../../i18n/live.ts";
import { money } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Product } from "../../wire/contract.gen.ts";
import { productText } from "../../wire/product-text.ts";
import type { LivePage } from "../page-state.ts";
import type { Store } from "../store.ts";
import { percentOff, stockLevel } from "../view.ts";
import { DealLine, HoldLine } from "./deals.tsx";

export function Price({ product, long = false }: { product: Product; long?: boolean }) {
  const t = words.value;
  const off = percentOff(product.price_minor, product.compare_at_minor);
  const varies = product.variants.some((variant) => variant.price_minor !== product.price_minor);
  const price = money(language.value, product.price_minor);
  return (
    <span class="price">
      <strong>{varies && long ? t.from({ price }) : price}</strong>
      {off > 0 ? <s>{money(language.value, product.compare_at_minor!)}</s> : null}
      {off > 0 ? <span class="price-off">{t.off({ percent: off })}</span> : null}
    </span>
  );
}

export function Stock({ stock }: { stock: number }) {
  const t = words.value;
  const level = stockLevel(stock);
  const text = level === "none" ? t.soldOut() : level === "few" ? t.onlyLeft({ count: stock }) : t.inStock();
  return <span class="stock" data-level={level}>{text}</span>;
}

/** Taps within this time of a swap, or begun before it, were meant for the product that was there. */
const swapGuard_ms = 400;

export function PinCard({ page }: { page: LivePage }) {
  const t = words.value;
  const product = page.pinned.value;
  const swapped_ms = useRef(-Infinity);
  const pressed = useRef<string | null>(null);
  const before = useRef<string | null | undefined>(undefined);
  const fresh = useSignal(false);
  const id = product?.id ?? null;
  if (before.current !== id) {
    if (before.current !== undefined) swapped_ms.current = performance.now();
    before.current = id;
  }
  useEffect(() => {
    fresh.value = true;
    const timer = setTimeout(() => { fresh.value = false; }, 1_200);
    return () => clearTimeout(timer);
  }, [id]);
  if (!product) return null;

  const { name } = productText(product, language.value);
  const open = () => {
    const meant = pressed.current;
    pressed.current = null;
    if (performance.now() - swapped_ms.current < swapGuard_ms || (meant !== null && meant !== product.id)) return;
    page.openProduct(product.id);
  };
  return (
    <section class="pin-card" aria-label={t.showing()} data-testid={ids.pinCard} data-product-id={product.id} data-fresh={fresh.value}
      onPointerDown={() => { pressed.current = product.id; }}>
      <button type="button" class="pin-main" onClick={open}>
        <Picture key={product.id} url={product.image_url} name={name.text} size={64} eager />
        <span class="pin-text">
          <span class="pin-name" lang={name.lang}>{name.text}</span>
          <Price product={product} />
          <span class="pin-facts"><DealLine store={page.store} product={product} short /><Stock stock={product.stock} /></span>
        </span>
      </button>
      <button type="button" class="button button-primary pin-buy" data-testid={ids.buy} onClick={open} data-sold-out={product.stock <= 0}>
        {product.stock <= 0 ? t.soldOut() : t.buy()}
      </button>
    </section>
  );
}

export function Shelf({ page }: { page: LivePage }) {
  const t = words.value;
  const { products, pinned, live, standing } = page.store.state.value;
  const mayPin = standing.permissions.includes("pin_products") && (live?.status === "live" || live?.status === "paused");
  if (products.length === 0) return <p class="empty">{t.noProducts({ name: live?.influencer.display_name ?? "" })}</p>;
  return (
    <ul class="shelf-list">
      {products.map((product) => (
        <li key={product.id}>
          <ShelfItem store={page.store} product={product} isPinned={product.id === pinned} onOpen={() => page.openProduct(product.id)} />
          {mayPin ? <PinSwitch store={page.store} product={product} isPinned={product.id === pinned} /> : null}
        </li>
      ))}
    </ul>
  );
}

/** For a moderator who may: the product on the video, in two taps from a second phone. */
function PinSwitch({ store, product, isPinned }: { store: Store; product: Product; isPinned: boolean }) {
  const t = words.value;
  const { name } = productText(product, language.value);
  const put = async () => {
    const answer = await store.connection.call(isPinned ? "product.unpin" : "product.pin", { live_session_id: store.id, product_id: product.id });
    if (answer.refused) toast(refusalText(answer.refused));
  };
  return (
    <button type="button" class="button button-quiet button-small shelf-pin" aria-pressed={isPinned} data-testid={ids.shelfPin(product.id)}
      aria-label={`${isPinned ? t.unpin() : t.pin()}: ${name.text}`} onClick={() => void put()}><Icon name="pin" />{isPinned ? t.unpin() : t.pin()}</button>
  );
}

function ShelfItem({ store, product, isPinned, onOpen }: { store: Store; product: Product; isPinned: boolean; onOpen: () => void }) {
  const { name } = productText(product, language.value);
  const { live, selling } = store.state.value;
  const mayClaim = selling.claim_keyword !== "" && product.claim_code !== "" && (live?.status === "live" || live?.status === "paused");
  return (
    <button type="button" class="shelf-item" data-testid={ids.shelf(product.id)} data-pinned={isPinned} onClick={onOpen}>
      <Picture url={product.image_url} name={name.text} size={76} />
      <span class="shelf-text">
        {isPinned ? <span class="showing"><Icon name="pin" />{words.value.showing()}</span> : null}
        <span class="shelf-name" lang={name.lang}>{name.text}</span>
        <Price product={product} long />
        <DealLine store={store} product={product} />
        <Stock stock={product.stock} />
        <HoldLine store={store} product={product} />
        {mayClaim ? <span class="claim-hint">{words.value.claimHint({ keyword: selling.claim_keyword, code: product.claim_code })}</span> : null}
      </span>
    </button>
  );
}
