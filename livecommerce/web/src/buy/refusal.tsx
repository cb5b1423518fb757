/** Each refusal of an order: a sentence and one thing to do. A code that has none here is a type error. */
import { buy as words } from "../i18n/buy.ts";
import { common } from "../i18n/common.ts";
import { clockTime } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { refusalText } from "../i18n/refusal.ts";
import { roleText } from "../people/role.ts";
import { ids } from "../testids.ts";
import type { GeneralRefusalCode, Product, RefusalsOf } from "../wire/contract.gen.ts";
import { person } from "../wire/identity.ts";
import { productText } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { gstinText } from "./business.tsx";
import { couponText } from "./coupon-text.ts";
import type { GstinFault } from "./gstin.ts";

export interface Remedy {
  buyAt(total_minor: number): void;
  take(count: number, variant_id: string | null): void;
  other(): void;
  address(): void;
  gstin(): void;
  account(): void;
  again(): void;
  withoutCoupon(): void;
  close(): void;
}

interface Facts {
  refusal: Refusal;
  /** What is bought, when it is one product; a bag has several, and the refusal names the one. */
  product: Product | null;
  total_minor: number;
  remedy: Remedy;
}

interface Wording {
  text: string;
  action: string;
  run: () => void;
}

type Code = RefusalsOf["order.place"] | GeneralRefusalCode | "connection.lost" | "connection.timeout";

const worded: Record<Code, (facts: Facts) => Wording> = {
  "order.price_changed": ({ refusal, total_minor, remedy }) => {
    const t = words.value;
    const now = Number(refusal.details?.total_minor ?? total_minor);
    const before = Number(refusal.details?.shown_total_minor ?? total_minor);
    return { text: t.priceChanged({ now, before }), action: t.buyAtNew({ now }), run: () => remedy.buyAt(now) };
  },
  "order.sold_out": ({ refusal, product, remedy }) => {
    const t = words.value;
    const left = Number(refusal.details?.available ?? 0);
    const variant_id = (refusal.details?.variant_id as string | undefined) ?? null;
    const variant = product?.variants.find((one) => one.id === variant_id);
    const called = product ? productText(product, language.value).name.text : String(refusal.details?.product ?? "");
    const name = product && product.variants.length > 1 && variant ? `${called}, ${variant.label}` : called;
    if (left > 0) return { text: t.shortOf({ count: left, name }), action: t.takeLeft({ count: left }), run: () => remedy.take(left, variant_id) };
    const others = product === null || product.variants.some((one) => one.stock > 0 && one.id !== variant_id);
    return others
      ? { text: t.soldOutAll({ name }), action: product ? t.otherVariant() : t.withoutIt(), run: product ? remedy.other : () => remedy.take(0, variant_id) }
      : { text: t.soldOutAll({ name }), action: t.keepWatching(), run: remedy.close };
  },
  "order.deal_ended": ({ refusal, total_minor, remedy }) => {
    const t = words.value;
    const now = Number(refusal.details?.total_minor ?? total_minor);
    const at_ms = Number(refusal.details?.ended_at_ms ?? Date.now());
    const text = refusal.details?.reason === "sold_out" ? t.dealSoldOut() : t.dealEnded({ time: clockTime(language.value, at_ms) });
    return { text, action: t.buyAtNew({ now }), run: () => remedy.buyAt(now) };
  },
  "order.limit_reached": ({ refusal, total_minor, remedy }) => {
    const t = words.value;
    const left = Number(refusal.details?.left ?? 0);
    const now = Number(refusal.details?.total_minor ?? total_minor);
    return left > 0
      ? { text: t.limitLeft({ count: left }), action: t.takeLeft({ count: left }), run: () => remedy.take(left, null) }
      : { text: t.limitReached({ bought: Number(refusal.details?.bought ?? 0) }), action: t.buyAtNew({ now }), run: () => remedy.buyAt(now) };
  },
  "order.coupon_unknown": (facts) => coupon(facts),
  "order.coupon_ended": (facts) => coupon(facts),
  "order.coupon_used": (facts) => coupon(facts),
  "order.coupon_quota": (facts) => coupon(facts),
  "order.coupon_not_here": (facts) => coupon(facts),
  "order.coupon_min_spend": (facts) => coupon(facts),
  "order.busy": (facts) => tryAgain(facts),
  "order.product_unavailable": ({ remedy }) => ({ text: words.value.productUnavailable(), action: words.value.keepWatching(), run: remedy.close }),
  "order.key_reused": ({ remedy }) => ({ text: words.value.keyReused(), action: common.value.retry(), run: remedy.again }),
  "order.address_invalid": ({ remedy }) => ({ text: words.value.addressInvalid(), action: words.value.changeAddress(), run: remedy.address }),
  "order.gstin_invalid": ({ refusal, remedy }) => ({
    text: gstinText(refusal.details?.reason as GstinFault, String(refusal.details?.gstin ?? "")), action: words.value.checkGstin(), run: remedy.gstin,
  }),
  "order.quantity_invalid": ({ refusal, remedy }) => {
    const most = Number(refusal.details?.max ?? 0);
    return most > 0
      ? { text: words.value.quantityLimit({ max: most }), action: words.value.takeLeft({ count: most }), run: () => remedy.take(most, (refusal.details?.variant_id as string | undefined) ?? null) }
      : { text: words.value.quantityInvalid(), action: words.value.takeLeft({ count: 1 }), run: () => remedy.take(1, null) };
  },
  "order.not_customer": ({ remedy }) => notCustomer(remedy),
  "auth.forbidden": ({ remedy }) => notCustomer(remedy),
  "auth.required": (facts) => signInAgain(facts),
  "auth.invalid": (facts) => signInAgain(facts),
  "session.banned": ({ remedy }) => ({ text: common.value.sessionBanned(), action: common.value.close(), run: remedy.close }),
  "session.not_found": (facts) => tryAgain(facts),
  "payload.invalid": ({ remedy }) => ({ text: words.value.addressInvalid(), action: words.value.changeAddress(), run: remedy.address }),
  "rate.limited": (facts) => tryAgain(facts),
  "service.unavailable": (facts) => tryAgain(facts),
  "event.unknown": () => ({ text: common.value.newVersion(), action: common.value.reload(), run: () => location.reload() }),
  "connection.lost": ({ remedy }) => ({ text: words.value.lostAnswer(), action: common.value.retry(), run: remedy.again }),
  "connection.timeout": ({ remedy }) => ({ text: words.value.lostAnswer(), action: common.value.retry(), run: remedy.again }),
};

function notCustomer(remedy: Remedy): Wording {
  const role = person.value?.role ?? "customer";
  return { text: words.value.notCustomer({ role: roleText(role) }), action: words.value.otherAccount(), run: remedy.account };
}

function signInAgain({ refusal, remedy }: Facts): Wording {
  return { text: refusalText(refusal), action: common.value.logIn(), run: remedy.account };
}

function coupon({ refusal, remedy }: Facts): Wording {
  return { text: couponText(refusal), action: words.value.withoutCoupon(), run: remedy.withoutCoupon };
}

function tryAgain({ refusal, remedy }: Facts): Wording {
  return { text: refusalText(refusal), action: common.value.retry(), run: remedy.again };
}

export function RefusalCallout(facts: Facts) {
  const { text, action, run } = (worded[facts.refusal.code as Code] ?? tryAgain)(facts);
  return (
    <div class="callout callout-bad" role="alert" data-testid={ids.refusal} data-code={facts.refusal.code}>
      <span>{text}</span>
      <button type="button" class="button button-primary" data-testid={ids.refusalAction} onClick={run}>{action}</button>
    </div>
  );
}
