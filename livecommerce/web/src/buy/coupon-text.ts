/** Why a coupon does not hold, in a sentence. */
import { buy as words } from "../i18n/buy.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { Refusal } from "../wire/rest.ts";

export function couponText(refusal: Refusal): string {
  const t = words.value;
  switch (refusal.code) {
    case "order.coupon_unknown":
      return t.couponUnknown();
    case "order.coupon_ended":
      return t.couponEnded();
    case "order.coupon_used":
      return t.couponUsed();
    case "order.coupon_quota":
      return t.couponQuota();
    case "order.coupon_not_here":
      return t.couponNotHere();
    case "order.coupon_min_spend":
      return t.couponMinSpend({ least: Number(refusal.details?.min_spend_minor ?? 0) });
    default:
      return refusalText(refusal);
  }
}
