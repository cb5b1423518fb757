/**
 * The bag, and ordering what is in it: the same on its own page and in a sheet over the video.
 *
 * Every line that is not what it was when it was put in says so; what cannot be ordered now is left out of the
 * total and of the order, and stays in the bag.
 */
import { useEffect, useRef } from "preact/hooks";
import { ForBusiness } from "../buy/business.tsx";
import { useCheckout, type Wish } from "../buy/checkout.ts";
import { AccountStep, AddressStep, Coupon, DeliverTo, Done, isToPay, NotCustomer, Payment, Place, remedies, Summary, Totals, type Frame } from "../buy/parts.tsx";
import { bag as words } from "../i18n/bag.ts";
import { buy as buyWords } from "../i18n/buy.ts";
import { clockTime, money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { refusalText } from "../i18n/refusal.ts";
import { ids } from "../testids.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { Stepper } from "../ui/stepper.tsx";
import type { CartLine, Order } from "../wire/contract.gen.ts";
import { person, restoring } from "../wire/identity.ts";
import { productText, written } from "../wire/product-text.ts";
import type { Connection } from "../wire/socket.ts";
import "../style/bag.css";
import type { LocalLine } from "./local.ts";
import { cart, cartTrouble, isCustomer, loadCart, localCart, removeLine, setQuantity } from "./store.ts";
import { toItems } from "./items.ts";

interface BagProps {
  call: Connection["call"];
  frame: Frame;
  /** Where the bag is opened, when that is a live session. */
  live_session_id: string | null;
  /** Back to what was there before. */
  onClose: () => void;
  closeText: string;
  /** An order as the server told of it last. */
  newest(order: Order): Order;
}

export function Bag({ call, frame: Frame, live_session_id, onClose, closeText, newest }: BagProps) {
  const t = words.value;
  const b = buyWords.value;
  const found = cart.value;
  const local = localCart.value.lines;
  const lines = found?.lines ?? [];
  const wish: Wish = {
    items: toItems(lines),
    live_session_id,
    from_cart: true,
    subtotal_minor: isCustomer.value ? (found?.subtotal_minor ?? 0) : local.reduce((sum, line) => sum + line.quantity * line.shown.price_minor, 0),
    shipping_minor: found?.shipping_minor ?? 0,
    cod_fee_minor: found?.cod_fee_minor ?? 0,
  };
  const ordered = useRef<readonly CartLine[]>([]);
  const checkout = useCheckout(call, wish, {
    onQuoted: () => void loadCart(),
    onPlaced: () => {
      ordered.current = lines;
      void loadCart();
    },
  });
  useEffect(() => void loadCart(), []);
  const remedy = remedies(checkout, {
    take: (count, variant_id) => {
      if (variant_id !== null) setQuantity(variant_id, count);
      checkout.refusal.value = null;
    },
    other: () => { checkout.refusal.value = null; },
    close: onClose,
  });
  const isEmpty = isCustomer.value ? lines.length === 0 : local.length === 0;
  const pieces = isCustomer.value ? wish.items.reduce((sum, item) => sum + item.quantity, 0) : local.reduce((sum, line) => sum + line.quantity, 0);
  const first = isCustomer.value ? lines[0] : undefined;
  const summary = isEmpty ? null : (
    <Summary url={first?.image_url ?? local[0]?.shown.image_url ?? ""} name={written(t.pieces({ count: pieces }), language.value)} note={t.pieces({ count: pieces })}
      total_minor={checkout.sums.total_minor} />
  );

  if (checkout.step.value === "done" && checkout.order.value) {
    const order = newest(checkout.order.value);
    const pictures = Object.fromEntries(ordered.current.map((line) => [line.variant_id, line.image_url]));
    return (
      <Frame title={b.doneTitle()} footer={<button type="button" class={`button ${isToPay(order) ? "button-quiet" : "button-primary"} button-wide`} onClick={onClose}>{closeText}</button>}>
        <Done order={order} pictures={pictures} products={[]} />
      </Frame>
    );
  }
  if (checkout.step.value === "account") return <AccountStep checkout={checkout} frame={Frame} summary={summary} />;
  if (checkout.step.value === "address") return <AddressStep checkout={checkout} frame={Frame} summary={summary} remedy={remedy} product={null} />;
  const unknown = restoring.value || (isCustomer.value && (found === null || !checkout.isKnown));
  if (unknown && cartTrouble.value) {
    return <Frame title={t.title()}><p class="callout callout-bad" role="alert">{refusalText(cartTrouble.value)}<button type="button" class="link-button" onClick={() => void loadCart()}>{t.again()}</button></p></Frame>;
  }
  if (unknown) return <Frame title={t.title()}><p class="quiet" role="status">{t.loading()}</p></Frame>;
  if (isEmpty) {
    return (
      <Frame title={t.title()} footer={<button type="button" class="button button-primary button-wide" onClick={onClose}>{closeText}</button>}>
        <div class="bag-empty" data-testid={ids.bagEmpty}><Icon name="bag" /><p>{t.empty()}</p><p class="quiet">{t.emptyText()}</p></div>
      </Frame>
    );
  }
  const available = isCustomer.value ? wish.items.length > 0 : true;
  return (
    <Frame title={t.title()} footer={<Place checkout={checkout} remedy={remedy} product={null} available={available} unavailable={t.nothingToOrder()} />}>
      <NotCustomer checkout={checkout} />
      {cartTrouble.value ? <p class="callout callout-bad" role="alert">{refusalText(cartTrouble.value)}</p> : null}
      <ul class="bag-lines">
        {isCustomer.value
          ? lines.map((line) => <li key={line.variant_id}><Line line={line} most={found!.max_quantity} /></li>)
          : local.map((line) => <li key={line.variant_id}><Waiting line={line} /></li>)}
      </ul>
      {isCustomer.value ? (
        <>
          {checkout.address.value ? <DeliverTo address={checkout.address.value} onChange={() => { checkout.step.value = "address"; }} /> : null}
          <Payment checkout={checkout} />
          <Coupon checkout={checkout} />
          <ForBusiness business={checkout.business} who={person.value?.id ?? ""} />
        </>
      ) : <p class="quiet">{t.beforeSignIn()}</p>}
      <Totals checkout={checkout} />
    </Frame>
  );
}

function Line({ line, most }: { line: CartLine; most: number }) {
  const t = words.value;
  const { name } = productText(line, language.value);
  const off = line.can_order === 0;
  return (
    <article class="bag-line" data-testid={ids.bagLine(line.variant_id)} data-changes={line.changes.join(" ")} data-off={off}>
      <Picture url={line.image_url} name={name.text} size={72} />
      <div class="bag-text">
        <p class="bag-name" lang={name.lang}>{name.text}</p>
        {line.label !== "" && line.label !== "Standard" ? <p class="quiet">{line.label}</p> : null}
        <p class="price">
          <strong>{money(language.value, line.unit_price_minor)}</strong>
          {line.mrp_minor !== null ? <s>{money(language.value, line.mrp_minor)}</s> : null}
        </p>
        {line.live_session_title ? <p class="quiet bag-from">{t.fromLive({ title: line.live_session_title })}</p> : null}
        {line.hold_until_ms !== null && !off ? <p class="bag-held">{t.heldUntil({ time: clockTime(language.value, line.hold_until_ms) })}</p> : null}
        <Changes line={line} />
      </div>
      <div class="bag-actions">
        {line.changes.includes("not_for_sale") ? null : (
          <Stepper value={line.quantity} least={0} most={Math.max(line.quantity, Math.min(most, line.available))} testid={ids.bagQuantity(line.variant_id)}
            onChange={(next) => setQuantity(line.variant_id, next)} />
        )}
        <strong class="bag-total">{off ? "" : money(language.value, line.total_minor)}</strong>
        <RemoveButton variant_id={line.variant_id} name={name.text} />
      </div>
    </article>
  );
}

/** What is not as it was when it was put in; each with what it means for the order. */
function Changes({ line }: { line: CartLine }) {
  const t = words.value;
  const now = line.unit_price_minor;
  const before = line.was_minor;
  const sentences: Record<CartLine["changes"][number], string> = {
    price_changed: now > before ? t.dearer({ now, before }) : t.cheaper({ now, before }),
    deal_over: t.dealOver({ now, before }),
    over_limit: t.overLimit({ count: line.can_order }),
    few_left: t.fewLeft({ count: line.available }),
    sold_out: t.soldOut(),
    not_for_sale: t.notForSale(),
  };
  return <>{line.changes.map((change) => <p key={change} class="bag-change" data-good={change === "price_changed" && now < before}>{sentences[change]}</p>)}</>;
}

/** A line of before the sign-in: what it costs now and whether it is there is the server's to say. */
function Waiting({ line }: { line: LocalLine }) {
  const { name } = productText(line.shown, language.value);
  return (
    <article class="bag-line" data-testid={ids.bagLine(line.variant_id)}>
      <Picture url={line.shown.image_url} name={name.text} size={72} />
      <div class="bag-text">
        <p class="bag-name" lang={name.lang}>{name.text}</p>
        {line.shown.label !== "" && line.shown.label !== "Standard" ? <p class="quiet">{line.shown.label}</p> : null}
        <p class="price"><strong>{money(language.value, line.shown.price_minor)}</strong></p>
      </div>
      <div class="bag-actions">
        <Stepper value={line.quantity} least={0} most={10} testid={ids.bagQuantity(line.variant_id)} onChange={(next) => setQuantity(line.variant_id, next)} />
        <strong class="bag-total">{money(language.value, line.shown.price_minor * line.quantity)}</strong>
        <RemoveButton variant_id={line.variant_id} name={name.text} />
      </div>
    </article>
  );
}

function RemoveButton({ variant_id, name }: { variant_id: string; name: string }) {
  return (
    <button type="button" class="icon-button" aria-label={words.value.remove({ name })} data-testid={ids.bagRemove(variant_id)} onClick={() => removeLine(variant_id)}>
      <Icon name="trash" />
    </button>
  );
}
