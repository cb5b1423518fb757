/** Coupons in the words of those who give them. */
import { dateTime, money } from "../i18n/format.ts";
import { rate } from "../i18n/exact.ts";
import { coupons as words } from "../i18n/coupons.ts";
import { language } from "../i18n/language.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { Refusal } from "../wire/rest.ts";
import type { Coupon, CouponState, Funder } from "./api.ts";
import type { Fault } from "./draft.ts";

export const stateTones: Record<CouponState, "good" | "bad" | "few" | undefined> = {
  coming: "few", running: "good", ended: undefined, stopped: undefined, used_up: "few",
};

export function stateText(state: CouponState): string {
  const t = words.value;
  return { coming: t.coming, running: t.running, ended: t.ended, stopped: t.stopped, used_up: t.usedUp }[state]?.() ?? state;
}

/** "20% off, at most ₹500". */
export function valueText({ kind, percent_bp, amount_minor, max_discount_minor }: Coupon): string {
  const t = words.value;
  if (kind === "fixed") return t.fixedOff({ amount: amount_minor ?? 0 });
  return t.percentOff({ percent: rate(language.value, percent_bp ?? 0), most: max_discount_minor ?? 0 });
}

/** For what it holds, one line each. */
export function conditions(coupon: Coupon): string[] {
  const t = words.value;
  return [
    coupon.min_spend_minor > 0 ? t.fromSpend({ amount: money(language.value, coupon.min_spend_minor) }) : null,
    coupon.live_session_title ? t.inSession({ title: coupon.live_session_title }) : coupon.is_live_only ? t.liveOnly() : null,
    coupon.wholesaler_name ? t.ofWholesaler({ name: coupon.wholesaler_name }) : null,
  ].filter((line): line is string => line !== null);
}

export function windowText({ starts_at_ms, ends_at_ms }: Coupon): string {
  const t = words.value;
  const start = dateTime(language.value, starts_at_ms);
  return ends_at_ms === null ? t.from({ start }) : t.fromUntil({ start, end: dateTime(language.value, ends_at_ms) });
}

export function funderText(funder: Funder): string {
  const t = words.value;
  return { platform: t.platform, wholesaler: t.wholesaler, influencer: t.influencer }[funder]?.() ?? funder;
}

export function faultText(fault: Fault | undefined): string | undefined {
  const t = words.value;
  if (fault === undefined) return undefined;
  return {
    code: t.errCode, title: t.errTitle, percent: t.errPercent, amount: t.errAmount, most: t.errMost, min_spend: t.errMinSpend, quota: t.errQuota,
    session: t.errSession, ends: t.errEnds,
  }[fault]();
}

export function sentence(refusal: Refusal): string {
  const t = words.value;
  const sentences: Record<string, (() => string) | undefined> = {
    "coupon.code_taken": t.codeTaken, "coupon.invalid": t.invalid, "coupon.not_yours": t.notYours, "coupon.not_found": t.notFound,
  };
  return sentences[refusal.code]?.() ?? refusalText(refusal);
}
