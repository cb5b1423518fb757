/**
 * From a tapped product to a placed order, in one sheet over the playing video.
 *
 * The sheet stays with the product it was opened for, whatever is pinned meanwhile. Steps: choose; account, when
 * nobody is signed in; address, when none is known; order; done. What was chosen and typed stays through all of them.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { addToCart, cartPieces } from "../cart/store.ts";
import { bag as bagWords } from "../i18n/bag.ts";
import { buy as words } from "../i18n/buy.ts";
import { common } from "../i18n/common.ts";
import { language } from "../i18n/language.ts";
import { live as liveWords } from "../i18n/live.ts";
import { refusalText } from "../i18n/refusal.ts";
import { Price, Stock } from "../live/ui/products.tsx";
import type { LivePage } from "../live/page-state.ts";
import { dealOf, heldOf } from "../live/selling.ts";
import type { QuotedLine } from "../live/state.ts";
import { ids } from "../testids.ts";
import { Picture } from "../ui/picture.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Stepper } from "../ui/stepper.tsx";
import { toast } from "../ui/toast.tsx";
import type { Product, Variant } from "../wire/contract.gen.ts";
import { person } from "../wire/identity.ts";
import { productText } from "../wire/product-text.ts";
import { ForBusiness } from "./business.tsx";
import { useCheckout, type Wish } from "./checkout.ts";
import { isDealOpen } from "./deal-open.ts";
import { Promises, useHold, Waitlist } from "./promises.tsx";
import { AccountStep, AddressStep, Coupon, DeliverTo, Done, isToPay, NotCustomer, Payment, Place, remedies, Summary, Totals, type Frame } from "./parts.tsx";

const mostOfOne = 10;

export function BuySheet({ page, product_id }: { page: LivePage; product_id: string }) {
  const { store } = page;
  const product = useComputed(() => store.state.value.products.find((one) => one.id === product_id) ?? null);
  const kept = useRef(product.value);
  if (product.value) kept.current = product.value;
  if (!kept.current) return null;
  return <Ordering page={page} product={kept.current} gone={product.value === null} key={product_id} />;
}

function firstVariant(product: Product): Variant | undefined {
  return product.variants.find((variant) => variant.stock > 0) ?? product.variants[0];
}

function Ordering({ page, product, gone }: { page: LivePage; product: Product; gone: boolean }) {
  const t = words.value;
  const { store } = page;
  const close = () => { page.sheet.value = null; };
  // What is held for this person is what he came for.
  const held = product.variants.map((one) => heldOf(one.id, store.state.peek())).find((one) => one !== null);
  const variantId = useSignal(held?.variant_id ?? firstVariant(product)?.id ?? "");
  const quantity = useSignal(Math.min(mostOfOne, held?.quantity ?? 1));
  const variant = product.variants.find((one) => one.id === variantId.value) ?? firstVariant(product);
  const state = store.state.value;
  const deal = variant ? dealOf(product.id, variant, state) : null;
  const wish: Wish = {
    items: variant ? [{ variant_id: variant.id, quantity: quantity.value, live_session_id: store.id, deal_id: deal?.id ?? null }] : [],
    live_session_id: store.id,
    from_cart: false,
    subtotal_minor: (variant?.price_minor ?? 0) * quantity.value,
    shipping_minor: state.shipping_minor,
    cod_fee_minor: state.selling.cod_fee_minor,
  };
  const checkout = useCheckout(store.connection.call, wish, {
    onQuoted: (lines, refusal) => { if (!isDealOpen(refusal)) store.apply({ name: "quoted", lines: lines as QuotedLine[] }); },
  });
  const available = (variant?.stock ?? 0) > 0 && !gone;
  // Of what is sold out, so many may be waited for.
  const most = available ? Math.max(1, Math.min(mostOfOne, variant?.stock ?? 0)) : mostOfOne;
  const remedy = remedies(checkout, {
    take: (count) => {
      quantity.value = count;
      checkout.refusal.value = null;
    },
    other: () => {
      const other = product.variants.find((one) => one.stock > 0 && one.id !== variantId.value);
      if (other) variantId.value = other.id;
      quantity.value = 1;
      checkout.refusal.value = null;
    },
    close,
  });
  const signedIn = checkout.needs !== "account";
  // While an address is typed nobody else takes it.
  useHold(store, variant, quantity.value, checkout.step.value === "address" && signedIn && checkout.isCustomer && available);
  const frame = useRef<Frame>((props) => <Sheet {...props} testid={ids.buySheet} onClose={close} />).current;
  const { name } = productText(product, language.value);
  const summary = (
    <Summary url={product.image_url} name={name} total_minor={checkout.sums.total_minor}
      note={`${t.sum({ quantity: quantity.value, name: name.text })}${product.variants.length > 1 && variant ? `, ${variant.label}` : ""}`} />
  );

  if (checkout.step.value === "done" && checkout.order.value) {
    const order = state.orders[checkout.order.value.id] ?? checkout.order.value;
    return (
      <Sheet title={t.doneTitle()} testid={ids.buySheet} onClose={close}
        footer={<button type="button" class={`button ${isToPay(order) ? "button-quiet" : "button-primary"} button-wide`} onClick={close}>{t.keepWatching()}</button>}>
        <Done order={order} products={[product]} pictures={{ [variant?.id ?? ""]: product.image_url }} />
      </Sheet>
    );
  }
  if (checkout.step.value === "account") return <AccountStep checkout={checkout} frame={frame} summary={summary} />;
  if (checkout.step.value === "address") return <AddressStep checkout={checkout} frame={frame} summary={summary} remedy={remedy} product={product} />;
  return (
    <Sheet title={t.title()} testid={ids.buySheet} onClose={close} footer={
      <>
        {available && checkout.refusal.value === null && checkout.isCustomer ? (
          <AddToBag page={page} product={product} variant={variant!} quantity={quantity.value} />
        ) : null}
        {!available && !gone && variant && checkout.isCustomer && checkout.refusal.value === null ? (
          <Waitlist store={store} variant={variant} quantity={quantity.value} onAccount={signedIn ? null : () => { checkout.step.value = "account"; }} />
        ) : (
          <Place checkout={checkout} remedy={remedy} product={product} available={available} unavailable={liveWords.value.soldOut()} />
        )}
      </>
    }>
      <Swapped page={page} product={product} />
      <ProductHead product={product} variant={variant} />
      <Promises store={store} product={product} variant={variant} quantity={quantity.value} isCustomer={signedIn && checkout.isCustomer} />
      <NotCustomer checkout={checkout} />
      {product.variants.length > 1 ? (
        <Variants product={product} chosen={variant?.id ?? ""} onChoose={(id) => {
          variantId.value = id;
          quantity.value = 1;
          checkout.refusal.value = null;
        }} />
      ) : null}
      <Quantity value={quantity.value} most={most} onChange={(next) => {
        quantity.value = next;
        checkout.refusal.value = null;
      }} />
      {signedIn && checkout.isCustomer && !checkout.isKnown ? <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p> : null}
      {signedIn && checkout.isCustomer && checkout.isKnown ? (
        <>
          {checkout.address.value ? <DeliverTo address={checkout.address.value} onChange={() => { checkout.step.value = "address"; }} /> : null}
          <Payment checkout={checkout} />
          <Coupon checkout={checkout} />
          <ForBusiness business={checkout.business} who={person.value?.id ?? ""} />
        </>
      ) : null}
      <Totals checkout={checkout} each_minor={quantity.value > 1 ? (variant?.price_minor ?? 0) : null} />
    </Sheet>
  );
}

/** For who wants several things: back to the video, with what was chosen kept. */
function AddToBag({ page, product, variant, quantity }: { page: LivePage; product: Product; variant: Variant; quantity: number }) {
  const t = bagWords.value;
  const working = useSignal(false);
  const add = async () => {
    if (working.value) return;
    working.value = true;
    const { name, image_url, translations } = product;
    const refusal = await addToCart(variant.id, quantity, page.store.id, {
      product_id: product.id, name, image_url, translations, label: variant.label, price_minor: variant.price_minor,
    });
    working.value = false;
    if (refusal) return toast(refusalText(refusal));
    page.sheet.value = null;
    // After the sheet has gone, or it would take the message with it.
    setTimeout(() => toast(t.added({ count: cartPieces.peek() }), { label: t.open(), run: () => { page.sheet.value = { kind: "bag" }; } }));
  };
  return <button type="button" class="button button-quiet button-wide" data-testid={ids.addToBag} aria-disabled={working.value} onClick={() => void add()}>{t.add()}</button>;
}

/** Another product came on the video while this sheet is open; the sheet stays with its own. */
function Swapped({ page, product }: { page: LivePage; product: Product }) {
  const t = words.value;
  const atOpening = useRef(page.pinned.peek()?.id ?? null);
  const now = page.pinned.value;
  if (!now || now.id === product.id || now.id === atOpening.current) return null;
  return (
    <p class="callout">
      <span>{t.nowShowing({ name: productText(now, language.value).name.text })}</span>
      <button type="button" class="link-button" onClick={() => { page.sheet.value = { kind: "buy", product_id: now.id }; }}>{t.showIt()}</button>
    </p>
  );
}

function ProductHead({ product, variant }: { product: Product; variant: Variant | undefined }) {
  const shown = variant ? { ...product, price_minor: variant.price_minor, variants: [] } : product;
  const { name, about } = productText(product, language.value);
  return (
    <div class="buy-product">
      <Picture url={product.image_url} name={name.text} size={96} eager />
      <div>
        <h3 lang={name.lang}>{name.text}</h3>
        <Price product={shown} />
        <Stock stock={variant?.stock ?? product.stock} />
        {about.text ? <p class="quiet" lang={about.lang}>{about.text}</p> : null}
      </div>
    </div>
  );
}

function Variants({ product, chosen, onChoose }: { product: Product; chosen: string; onChoose: (id: string) => void }) {
  const t = words.value;
  return (
    <fieldset class="chips">
      <legend>{t.variant()}</legend>
      {product.variants.map((variant) => (
        <label key={variant.id} class="chip" data-none={variant.stock <= 0}>
          <input type="radio" name="variant" value={variant.id} checked={variant.id === chosen}
            data-testid={ids.variant(variant.id)} onChange={() => onChoose(variant.id)} />
          <span>{variant.label}{variant.stock <= 0 ? <small>{liveWords.value.soldOut()}</small> : null}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Quantity({ value, most, onChange }: { value: number; most: number; onChange: (value: number) => void }) {
  const t = words.value;
  return (
    <div class="row quantity" role="group" aria-label={t.quantity()}>
      <span class="row-label">{t.quantity()}</span>
      <Stepper value={value} least={1} most={most} testid={ids.quantity} onChange={onChange} />
    </div>
  );
}
