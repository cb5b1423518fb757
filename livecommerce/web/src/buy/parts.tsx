/** What the buy sheet and the bag have in common: account, address, way of paying, coupon, totals, and the button that orders. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { buy as words } from "../i18n/buy.ts";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { AccountForm } from "../people/account-form.tsx";
import { roleText } from "../people/role.ts";
import { ids } from "../testids.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import type { Address, Order, Product } from "../wire/contract.gen.ts";
import { person } from "../wire/identity.ts";
import { productText, written } from "../wire/product-text.ts";
import { AddressForm } from "./address-form.tsx";
import { book, methods, type Method } from "./book.ts";
import type { Checkout } from "./checkout.ts";
import { couponText } from "./coupon-text.ts";
import { inOneLine } from "./one-line.ts";
import { RefusalCallout, type Remedy } from "./refusal.tsx";
import type { Sums } from "./sums.ts";
import "../style/checkout.css";

/** Where the steps are shown: a sheet over the video, or a page. */
export type Frame = ComponentType<{ title: string; footer?: ComponentChildren; children: ComponentChildren }>;

interface StepProps {
  checkout: Checkout;
  frame: Frame;
  /** What is being bought, in one line. */
  summary: ComponentChildren;
}

export function AccountStep({ checkout, frame: Frame, summary }: StepProps) {
  const t = words.value;
  return (
    <Frame title={t.accountTitle()}>
      {summary}
      <p class="quiet">{t.accountText()}</p>
      <AccountForm onDone={(now) => checkout.signedIn(now.role === "customer")} />
    </Frame>
  );
}

export function AddressStep({ checkout, frame: Frame, summary, remedy, product }: StepProps & { remedy: Remedy; product: Product | null }) {
  const t = words.value;
  const saved = (book.value?.addresses ?? []).filter((one) => one.id !== null);
  const other = useSignal(saved.length === 0 || checkout.addressErrors.value.length > 0);
  const working = useSignal(false);
  const use = async () => {
    if (working.value) return;
    working.value = true;
    await checkout.useDraft();
    working.value = false;
  };
  return (
    <Frame title={t.addressTitle()} footer={other.value ? (
      <button type="submit" form="address-form" class="button button-primary button-wide" aria-disabled={working.value} data-testid={ids.useAddress}>{t.useAddress()}</button>
    ) : undefined}>
      {summary}
      {checkout.refusal.value && checkout.refusal.value.code !== "order.address_invalid" ? <RefusalCallout refusal={checkout.refusal.value} product={product} remedy={remedy} total_minor={checkout.sums.total_minor} /> : null}
      {other.value ? <AddressForm id="address-form" draft={checkout.draft} errors={checkout.addressErrors} onSubmit={() => void use()} /> : (
        <>
          <ul class="saved">
            {saved.map((one) => (
              <li key={one.id}>
                <button type="button" class="choice" data-testid={ids.savedAddress} onClick={() => checkout.useSaved(one.address)}>
                  <span><b>{one.label ?? one.address.name}</b><small dir="auto">{inOneLine(one.address)}</small></span>
                </button>
              </li>
            ))}
          </ul>
          <button type="button" class="button button-quiet" data-testid={ids.otherAddress} onClick={() => { other.value = true; }}>{t.otherAddress()}</button>
        </>
      )}
    </Frame>
  );
}

export function DeliverTo({ address, onChange }: { address: Address; onChange: () => void }) {
  const t = words.value;
  return (
    <div class="row deliver">
      <div>
        <span class="row-label">{t.deliverTo()}</span>
        <p>{inOneLine(address)}</p>
      </div>
      <button type="button" class="button button-quiet button-small" onClick={onChange}>{t.change()}</button>
    </div>
  );
}

export function Payment({ checkout }: { checkout: Checkout }) {
  const t = words.value;
  const texts: Record<Method, [string, string]> = {
    cod: [t.cod(), t.codHint()], upi: [t.upi(), t.upiHint()], stripe: [t.card(), t.cardHint()],
    razorpay: [t.razorpay(), t.razorpayHint()], test: [t.test(), t.testHint()],
  };
  return (
    <fieldset class="choices pay">
      <legend>{t.payment()}</legend>
      {methods.value.map((value) => (
        <label key={value} class="choice">
          <input type="radio" name="payment" value={value} checked={checkout.method === value} data-testid={ids.pay(value)}
            onChange={() => checkout.choose(value)} />
          <span><b>{texts[value][0]}</b><small>{texts[value][1]}</small></span>
        </label>
      ))}
    </fieldset>
  );
}

/** Folded until somebody has a code; what it takes off stands in the totals. */
export function Coupon({ checkout }: { checkout: Checkout }) {
  const t = words.value;
  const id = useId();
  const open = useSignal(false);
  const code = useSignal("");
  const working = useSignal(false);
  const next = useRef<HTMLElement | null>(null);
  const pressed = useRef(false);
  const refused = checkout.couponRefusal.value;
  const shown = checkout.coupon !== null ? "applied" : open.value || refused !== null ? "form" : "folded";
  // What was pressed is gone: the keyboard goes on with what has come in its place.
  useEffect(() => {
    if (pressed.current) next.current?.focus();
    pressed.current = false;
  }, [shown]);
  if (shown === "applied") {
    return (
      <div class="row coupon" data-testid={ids.coupon} data-code={checkout.coupon}>
        <span role="status"><span class="row-label">{t.couponApplied({ code: checkout.coupon! })}</span></span>
        <button ref={(it) => { if (it) next.current = it; }} type="button" class="button button-quiet button-small" onClick={() => { pressed.current = true; checkout.drop(); open.value = false; }}>{t.couponRemove()}</button>
      </div>
    );
  }
  if (shown === "folded") {
    return <button ref={(it) => { if (it) next.current = it; }} type="button" class="link-button coupon-open" data-testid={ids.couponOpen} onClick={() => { pressed.current = true; open.value = true; }}>{t.couponOpen()}</button>;
  }
  const apply = async () => {
    if (working.value || code.value.trim() === "") return;
    working.value = true;
    pressed.current = true;
    await checkout.apply(code.value);
    working.value = false;
    if (checkout.couponRefusal.value) pressed.current = false;
  };
  return (
    <form class={`field ${refused ? "field-wrong" : ""}`} onSubmit={(event) => { event.preventDefault(); void apply(); }}>
      <label for={id}>{t.coupon()}</label>
      <span class="coupon-row">
        <input ref={(it) => { if (it) next.current = it; }} id={id} value={code.value} autocapitalize="characters" autocomplete="off" spellcheck={false} maxLength={40} data-testid={ids.couponCode}
          aria-invalid={refused !== null} aria-describedby={refused ? `${id}-note` : undefined}
          onInput={(event) => { code.value = event.currentTarget.value.toUpperCase(); }} />
        <button type="submit" class="button button-quiet" aria-disabled={working.value} data-testid={ids.couponApply}>{t.couponApply()}</button>
      </span>
      {refused ? <p id={`${id}-note`} class="field-error" role="alert">{couponText(refused)}</p> : null}
    </form>
  );
}

export function Totals({ checkout, each_minor = null }: { checkout: Checkout; each_minor?: number | null }) {
  return <SumsList sums={checkout.sums} coupon={checkout.coupon} each_minor={each_minor} />;
}

/** What a total is made of, before the order and after it. */
function SumsList({ sums, coupon, each_minor = null }: { sums: Sums; coupon: string | null; each_minor?: number | null }) {
  const t = words.value;
  const { subtotal_minor, shipping_minor, cod_fee_minor, discount_minor, total_minor } = sums;
  const amount = (minor: number) => money(language.value, minor);
  return (
    <dl class="totals">
      <div><dt>{t.subtotal()}{each_minor !== null ? <small> · {t.each({ price: each_minor })}</small> : null}</dt><dd>{amount(subtotal_minor)}</dd></div>
      {discount_minor > 0 ? <div class="totals-off"><dt>{t.discount()}{coupon ? <small> · {coupon}</small> : null}</dt><dd data-testid={ids.discount}>−{amount(discount_minor)}</dd></div> : null}
      <div><dt>{t.shipping()}</dt><dd>{shipping_minor > 0 ? amount(shipping_minor) : t.free()}</dd></div>
      {cod_fee_minor > 0 ? <div><dt>{t.codFee()}</dt><dd data-testid={ids.codFee}>{amount(cod_fee_minor)}</dd></div> : null}
      <div class="totals-total"><dt>{t.total()}</dt><dd data-testid={ids.total}>{amount(total_minor)}</dd></div>
    </dl>
  );
}

export function NotCustomer({ checkout }: { checkout: Checkout }) {
  const t = words.value;
  if (checkout.isCustomer || person.value === null) return null;
  return (
    <p class="callout callout-bad">
      {t.notCustomer({ role: roleText(person.value.role) })}
      <button type="button" class="link-button" onClick={() => { checkout.step.value = "account"; }}>{t.otherAccount()}</button>
    </p>
  );
}

interface PlaceProps {
  checkout: Checkout;
  remedy: Remedy;
  product: Product | null;
  available: boolean;
  /** On the button when nothing can be ordered. */
  unavailable: string;
}

/** The button with the true amount on it, or the refusal with its one way out in its place. */
export function Place({ checkout, remedy, product, available, unavailable }: PlaceProps) {
  const t = words.value;
  const { needs, progress, refusal, sums, method } = checkout;
  const total = sums.total_minor;
  const busy = progress.value !== "idle";
  const can = available && checkout.isCustomer;
  return (
    <>
      {refusal.value ? <RefusalCallout refusal={refusal.value} product={product} remedy={remedy} total_minor={total} /> : needs ? (
        <button type="button" class="button button-primary button-wide" data-testid={ids.placeOrder} data-needs={needs} disabled={!can}
          onClick={() => { checkout.step.value = needs; }}>{available ? t.continue({ total }) : unavailable}</button>
      ) : (
        <button type="button" class="button button-primary button-wide" data-testid={ids.placeOrder} aria-disabled={busy} disabled={!can}
          onClick={() => void checkout.place()}>
          {progress.value === "slow" || progress.value === "very-slow" ? <><span class="spinner" />{t.placing()}</>
            : !available ? unavailable : method === "cod" ? t.placeCod({ total }) : t.placeTest({ total })}
        </button>
      )}
      <p class="foot-note" role="status">{progress.value === "very-slow" ? t.placingLong() : t.inclTaxes()}</p>
    </>
  );
}

export interface Remedies {
  take(count: number, variant_id: string | null): void;
  other(): void;
  close(): void;
}

/** The ways out of a refusal that are the same wherever the lines come from. */
export function remedies(checkout: Checkout, own: Remedies): Remedy {
  return {
    ...own,
    buyAt: (agreed_minor) => void checkout.place(agreed_minor),
    address: () => { checkout.step.value = "address"; },
    gstin: () => {
      checkout.refusal.value = null;
      checkout.business.isDue.value = true;
    },
    account: () => { checkout.step.value = "account"; },
    again: () => void checkout.place(),
    withoutCoupon: () => checkout.drop(),
  };
}

export function Summary({ url, name, note, total_minor }: { url: string; name: { text: string; lang: string | undefined }; note: string; total_minor: number }) {
  return (
    <div class="buy-summary">
      <Picture url={url} name={name.text} size={48} eager />
      <span class="buy-summary-name" lang={name.lang}>{note}</span>
      <strong>{money(language.value, total_minor)}</strong>
    </div>
  );
}

/** `pictures` by variant: an order carries none. */
export function Done({ order, pictures, products }: { order: Order; pictures: Readonly<Record<string, string>>; products: readonly Product[] }) {
  const t = words.value;
  return (
    <div class="done" role="alert">
      <span class="done-mark"><Icon name="check" /></span>
      <p class="done-text">{t.doneText()}</p>
      <p class="done-number"><span>{t.orderNumber()}</span><strong data-testid={ids.orderNumber}>{order.order_number}</strong></p>
      {order.items.map((item) => {
        const product = products.find((one) => one.id === item.product_id);
        const name = product ? productText(product, language.value).name : written(item.name, language.value);
        const label = item.label !== "" && item.label !== "Standard" ? `, ${item.label}` : "";
        return (
          <Summary key={item.variant_id} url={pictures[item.variant_id ?? ""] ?? ""} name={name} total_minor={item.total_minor}
            note={`${t.sum({ quantity: item.quantity, name: name.text })}${label}`} />
        );
      })}
      <SumsList sums={order} coupon={order.coupon_code} />
      <p class="quiet">{paidText(order)}</p>
      {isToPay(order) ? <a class="button button-primary button-wide" data-testid={ids.payNow} href={`/orders/${order.id}?do=pay`} target="_blank" rel="noopener">{t.payNow({ total: order.total_minor })}</a> : null}
      <a class="link-button" href="/orders" target="_blank" rel="noopener">{t.seeOrders()}</a>
    </div>
  );
}

/** A test payment pays by itself, unless it is declined. */
export const isToPay = ({ payment_method, payment_status, status }: Order) =>
  status === "pending" && payment_method !== "cod" && (payment_status === "failed" || (payment_status === "pending" && payment_method !== "test"));

function paidText(order: Order): string {
  const t = words.value;
  if (order.payment_status === "paid") return order.payment_method === "test" ? t.paidTest() : t.paid();
  if (order.payment_method === "cod") return t.payOnDelivery({ total: order.total_minor });
  if (order.payment_status === "failed") return t.payFailed();
  return order.payment_method === "test" ? t.paying() : t.payAdvance();
}
