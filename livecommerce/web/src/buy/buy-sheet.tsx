/**
 * From a tapped product to a placed order, in one sheet over the playing video.
 *
 * The sheet stays with the product it was opened for, whatever is pinned meanwhile. Steps: choose; account, when
 * nobody is signed in; address, when none is known; order; done. The order is never assumed: the button works
 * until the server has answered, and a retry repeats the same id.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { buy as words } from "../i18n/buy.ts";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { live as liveWords } from "../i18n/live.ts";
import { Price, Stock } from "../live/ui/products.tsx";
import type { LivePage } from "../live/page-state.ts";
import type { QuotedLine } from "../live/state.ts";
import { AccountForm } from "../people/account-form.tsx";
import { roleText } from "../people/role.ts";
import { ids } from "../testids.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { Sheet } from "../ui/sheet.tsx";
import type { Address, Order, Product, Variant } from "../wire/contract.gen.ts";
import { newId } from "../wire/id.ts";
import { person, restAs } from "../wire/identity.ts";
import { productText, written } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { AddressForm } from "./address-form.tsx";
import { emptyDraft, fromAddress, toAddress, wrongFields, type AddressField } from "./address.ts";
import { attemptFor, type Attempt } from "./attempt.ts";
import { RefusalCallout, type Remedy } from "./refusal.tsx";

const mostOfOne = 10;
const slow_ms = 300;
const verySlow_ms = 8_000;
const giveUp_ms = 30_000;

type Step = "choose" | "account" | "address" | "done";
type Method = "cod" | "test";

/** What the person last ordered with, for the next product of this visit. */
const remembered: { address: Address | null; method: Method } = { address: null, method: "cod" };

export function BuySheet({ page, product_id }: { page: LivePage; product_id: string }) {
  const t = words.value;
  const { store } = page;
  const product = useComputed(() => store.state.value.products.find((one) => one.id === product_id) ?? null);
  const kept = useRef(product.value);
  if (product.value) kept.current = product.value;
  const close = () => { page.sheet.value = null; };
  if (!kept.current) return null;
  return <Ordering page={page} product={kept.current} gone={product.value === null} close={close} key={product_id} title={t.title()} />;
}

function firstVariant(product: Product): Variant | undefined {
  return product.variants.find((variant) => variant.stock > 0) ?? product.variants[0];
}

function Ordering({ page, product, gone, close, title }: { page: LivePage; product: Product; gone: boolean; close: () => void; title: string }) {
  const t = words.value;
  const { store } = page;
  const step = useSignal<Step>("choose");
  const variantId = useSignal(firstVariant(product)?.id ?? "");
  const quantity = useSignal(1);
  const address = useSignal<Address | null>(remembered.address);
  const draft = useSignal(remembered.address ? fromAddress(remembered.address) : emptyDraft);
  const addressErrors = useSignal<AddressField[]>([]);
  const addressKnown = useSignal(remembered.address !== null);
  const method = useSignal<Method>(remembered.method);
  /** The total that the server named when it refused ours, for the contents under `key`. */
  const corrected = useSignal<{ key: string; total_minor: number } | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const progress = useSignal<"idle" | "sent" | "slow" | "very-slow">("idle");
  const order = useSignal<Order | null>(null);
  const attempt = useRef<Attempt | null>(null);

  const variant = product.variants.find((one) => one.id === variantId.value) ?? firstVariant(product);
  const most = Math.max(1, Math.min(mostOfOne, variant?.stock ?? 0));
  const contentsKey = `${variant?.id} ${quantity.value} ${variant?.price_minor}`;
  const total_minor = corrected.value?.key === contentsKey ? corrected.value.total_minor : (variant?.price_minor ?? 0) * quantity.value + store.state.value.shipping_minor;
  const available = (variant?.stock ?? 0) > 0 && !gone;
  const who = person.value;
  const isCustomer = who === null || who.role === "customer";

  useEffect(() => {
    if (who === null || who.role !== "customer" || addressKnown.value) return;
    void restAs<{ address: Address | null }>("/me/address").then((answer) => {
      addressKnown.value = true;
      const found = answer.ok?.address;
      if (!found) {
        if (draft.value.name === "") draft.value = { ...draft.value, name: who.display_name };
        return;
      }
      address.value = found;
      draft.value = fromAddress(found);
    });
  }, [who?.id]);

  const busy = progress.value !== "idle";

  async function place(agreed_minor = total_minor): Promise<void> {
    if (busy || !variant || !address.value) return;
    refusal.value = null;
    if (agreed_minor !== total_minor) corrected.value = { key: contentsKey, total_minor: agreed_minor };
    attempt.current = attemptFor(attempt.current, {
      live_session_id: store.id,
      items: [{ variant_id: variant.id, quantity: quantity.value }],
      address: address.value,
      payment_method: method.value,
      shown_total_minor: agreed_minor,
    }, newId);
    progress.value = "sent";
    const slow = setTimeout(() => { progress.value = "slow"; }, slow_ms);
    const verySlow = setTimeout(() => { progress.value = "very-slow"; }, verySlow_ms);
    const { id, contents } = attempt.current;
    const answer = await store.connection.call("order.place", { id, ...contents }, { timeout_ms: giveUp_ms, repeat: true });
    clearTimeout(slow);
    clearTimeout(verySlow);
    progress.value = "idle";
    if (answer.ok) {
      remembered.address = answer.ok.order.address;
      remembered.method = method.value;
      order.value = answer.ok.order;
      step.value = "done";
    } else refuse(answer.refused);
  }

  function refuse(answer: Refusal): void {
    if (answer.code === "auth.required") {
      step.value = "account";
      return;
    }
    const lines = answer.details?.lines as QuotedLine[] | undefined;
    if (lines) store.apply({ name: "quoted", lines });
    if (answer.code === "order.key_reused") attempt.current = null;
    if (answer.code === "order.address_invalid") {
      const named = Object.keys((answer.details?.fields as object | undefined) ?? {}) as AddressField[];
      addressErrors.value = named;
      step.value = "address";
    }
    refusal.value = answer;
  }

  const remedy: Remedy = {
    buyAt: (agreed_minor) => void place(agreed_minor),
    take: (count) => {
      quantity.value = count;
      refusal.value = null;
    },
    other: () => {
      const other = product.variants.find((one) => one.stock > 0 && one.id !== variantId.value);
      if (other) variantId.value = other.id;
      quantity.value = 1;
      refusal.value = null;
    },
    address: () => { step.value = "address"; },
    cash: () => {
      method.value = "cod";
      refusal.value = null;
    },
    account: () => { step.value = "account"; },
    again: () => void place(),
    close,
  };

  if (step.value === "done" && order.value) {
    return (
      <Sheet title={t.doneTitle()} testid={ids.buySheet} onClose={close}
        footer={<button type="button" class="button button-primary button-wide" onClick={close}>{t.keepWatching()}</button>}>
        <Done order={order.value} product={product} />
      </Sheet>
    );
  }
  if (step.value === "account") {
    return (
      <Sheet title={t.accountTitle()} testid={ids.buySheet} onClose={close}>
        <Summary product={product} variant={variant} quantity={quantity.value} total_minor={total_minor} />
        <p class="quiet">{t.accountText()}</p>
        <AccountForm onDone={(now) => {
          refusal.value = now.role === "customer" ? null : { code: "order.not_customer", message: "" };
          step.value = "choose";
        }} />
      </Sheet>
    );
  }
  if (step.value === "address") {
    const use = () => {
      addressErrors.value = wrongFields(draft.value);
      if (addressErrors.value.length > 0) return;
      address.value = toAddress(draft.value);
      refusal.value = null;
      step.value = "choose";
    };
    return (
      <Sheet title={t.addressTitle()} testid={ids.buySheet} onClose={close}
        footer={<button type="submit" form="address-form" class="button button-primary button-wide" data-testid={ids.useAddress}>{t.useAddress()}</button>}>
        {refusal.value ? <RefusalCallout refusal={refusal.value} product={product} remedy={remedy} total_minor={total_minor} /> : null}
        <AddressForm id="address-form" draft={draft} errors={addressErrors} onSubmit={use} />
      </Sheet>
    );
  }

  const needs: Step | null = who === null ? "account" : address.value === null ? "address" : null;
  return (
    <Sheet title={title} testid={ids.buySheet} onClose={close} footer={
      <>
        {refusal.value ? (
          <RefusalCallout refusal={refusal.value} product={product} remedy={remedy} total_minor={total_minor} />
        ) : needs ? (
          <button type="button" class="button button-primary button-wide" data-testid={ids.placeOrder} data-needs={needs} disabled={!available || !isCustomer}
            onClick={() => { step.value = needs; }}>{available ? t.continue({ total: total_minor }) : liveWords.value.soldOut()}</button>
        ) : (
          <button type="button" class="button button-primary button-wide" data-testid={ids.placeOrder} aria-disabled={busy}
            disabled={!available || !isCustomer} onClick={() => void place()}>
            {progress.value === "slow" || progress.value === "very-slow" ? <><span class="spinner" />{t.placing()}</>
              : !available ? liveWords.value.soldOut()
              : method.value === "cod" ? t.placeCod({ total: total_minor }) : t.placeTest({ total: total_minor })}
          </button>
        )}
        <p class="foot-note" role="status">{progress.value === "very-slow" ? t.placingLong() : t.inclTaxes()}</p>
      </>
    }>
      <Swapped page={page} product={product} />
      <ProductHead product={product} variant={variant} />
      {!isCustomer ? <NotCustomer role={who!.role} onOther={() => { step.value = "account"; }} /> : null}
      {product.variants.length > 1 ? (
        <Variants product={product} chosen={variant?.id ?? ""} onChoose={(id) => {
          variantId.value = id;
          quantity.value = 1;
          refusal.value = null;
        }} />
      ) : null}
      <Quantity value={quantity.value} most={most} onChange={(next) => {
        quantity.value = next;
        refusal.value = null;
      }} />
      {who !== null && isCustomer ? (
        <>
          {address.value ? <DeliverTo address={address.value} onChange={() => { step.value = "address"; }} /> : null}
          <Payment method={method} onChange={() => { refusal.value = null; }} />
        </>
      ) : null}
      <Totals total_minor={total_minor} unit_minor={variant?.price_minor ?? 0} quantity={quantity.value} />
    </Sheet>
  );
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

function Summary({ product, variant, quantity, total_minor }: { product: Product; variant: Variant | undefined; quantity: number; total_minor: number }) {
  const t = words.value;
  const { name } = productText(product, language.value);
  return (
    <div class="buy-summary">
      <Picture url={product.image_url} name={name.text} size={48} eager />
      <span class="buy-summary-name" lang={name.lang}>{t.sum({ quantity, name: name.text })}{product.variants.length > 1 && variant ? `, ${variant.label}` : ""}</span>
      <strong>{money(language.value, total_minor)}</strong>
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
          <input type="radio" name="variant" value={variant.id} checked={variant.id === chosen} disabled={variant.stock <= 0}
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
      <span class="stepper">
        <button type="button" aria-label={t.less()} data-testid={ids.quantityLess} disabled={value <= 1} onClick={() => onChange(value - 1)}><Icon name="minus" /></button>
        <output data-testid={ids.quantity} aria-live="polite">{value}</output>
        <button type="button" aria-label={t.more()} data-testid={ids.quantityMore} disabled={value >= most} onClick={() => onChange(value + 1)}><Icon name="plus" /></button>
      </span>
    </div>
  );
}

function DeliverTo({ address, onChange }: { address: Address; onChange: () => void }) {
  const t = words.value;
  return (
    <div class="row deliver">
      <div>
        <span class="row-label">{t.deliverTo()}</span>
        <p>{[address.name, address.line1, address.line2, address.city, address.postal_code].filter(Boolean).join(", ")}</p>
      </div>
      <button type="button" class="button button-quiet button-small" onClick={onChange}>{t.change()}</button>
    </div>
  );
}

function Payment({ method, onChange }: { method: { value: Method }; onChange: () => void }) {
  const t = words.value;
  const choices = [["cod", t.cod(), t.codHint()], ["test", t.test(), t.testHint()]] as const;
  return (
    <fieldset class="choices pay">
      <legend>{t.payment()}</legend>
      {choices.map(([value, label, hint]) => (
        <label key={value} class="choice">
          <input type="radio" name="payment" value={value} checked={method.value === value} data-testid={ids.pay(value)}
            onChange={() => { method.value = value; onChange(); }} />
          <span><b>{label}</b><small>{hint}</small></span>
        </label>
      ))}
    </fieldset>
  );
}

function Totals({ total_minor, unit_minor, quantity }: { total_minor: number; unit_minor: number; quantity: number }) {
  const t = words.value;
  const items_minor = unit_minor * quantity;
  const shipping_minor = total_minor - items_minor;
  return (
    <dl class="totals">
      <div><dt>{t.subtotal()}{quantity > 1 ? <small> · {t.each({ price: unit_minor })}</small> : null}</dt><dd>{money(language.value, shipping_minor > 0 ? items_minor : total_minor)}</dd></div>
      <div><dt>{t.shipping()}</dt><dd>{shipping_minor > 0 ? money(language.value, shipping_minor) : t.free()}</dd></div>
      <div class="totals-total"><dt>{t.total()}</dt><dd>{money(language.value, total_minor)}</dd></div>
    </dl>
  );
}

function NotCustomer({ role, onOther }: { role: "customer" | "influencer" | "wholesaler" | "admin"; onOther: () => void }) {
  const t = words.value;
  return (
    <p class="callout callout-bad">
      {t.notCustomer({ role: roleText(role) })}
      <button type="button" class="link-button" onClick={onOther}>{t.otherAccount()}</button>
    </p>
  );
}

function Done({ order, product }: { order: Order; product: Product }) {
  const t = words.value;
  return (
    <div class="done" role="alert">
      <span class="done-mark"><Icon name="check" /></span>
      <p class="done-text">{t.doneText()}</p>
      <p class="done-number"><span>{t.orderNumber()}</span><strong data-testid={ids.orderNumber}>{order.order_number}</strong></p>
      {order.items.map((item) => {
        const name = item.product_id === product.id ? productText(product, language.value).name : written(item.name, language.value);
        return (
          <div class="buy-summary" key={item.variant_id}>
            <Picture url={product.image_url} name={name.text} size={48} eager />
            <span class="buy-summary-name" lang={name.lang}>{t.sum({ quantity: item.quantity, name: name.text })}{product.variants.length > 1 ? `, ${item.label}` : ""}</span>
            <strong>{money(language.value, item.total_minor)}</strong>
          </div>
        );
      })}
      <p class="quiet">{order.payment_status === "paid" ? t.paidTest() : t.payOnDelivery({ total: order.total_minor })}</p>
      <a class="link-button" href="/account" target="_blank" rel="noopener">{t.seeOrders()}</a>
    </div>
  );
}
