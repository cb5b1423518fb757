/** What both support pages say the same way. */
import type { QueryCategory, QueryStatus } from "@/types/database";
import { common } from "../i18n/common.ts";
import { help } from "../i18n/help.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { Refusal } from "../wire/rest.ts";

export const categories: readonly QueryCategory[] = ["order", "shipping", "payment", "product", "complaint", "technical", "general"];

export function categoryText(category: QueryCategory): string {
  const t = help.value;
  return {
    general: t.catGeneral, order: t.catOrder, product: t.catProduct, payment: t.catPayment, shipping: t.catShipping,
    technical: t.catTechnical, complaint: t.catComplaint,
  }[category]();
}

export const tones: Record<QueryStatus, "good" | "bad" | "few" | undefined> = {
  open: "few", in_progress: "few", escalated: "bad", resolved: "good", closed: undefined,
};

/** The customer's side; the admins' page words what differs for it. */
export function sentence(refusal: Refusal): string {
  const t = help.value;
  switch (refusal.code) {
    case "query.too_many":
      return t.tooMany({ minutes: Math.max(1, Math.ceil((refusal.retry_after_s ?? 60) / 60)) });
    case "query.order_unknown":
      return t.orderUnknown();
    case "query.closed":
      return t.isClosed();
    case "query.not_found":
      return t.notFound();
    case "query.key_reused":
    case "payload.invalid":
      return common.value.somethingWrong();
    default:
      return refusalText(refusal);
  }
}
