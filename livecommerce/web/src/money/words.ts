/** Lines of a statement in words. */
import { refusalText } from "../i18n/refusal.ts";
import { statement as words } from "../i18n/statement.ts";
import type { Refusal } from "../wire/rest.ts";
import type { StatementLine } from "./api.ts";
import type { StepKind } from "./explain.ts";

/** A page that was loaded before an update may meet a kind that it does not know; it shows that as it is. */
export function kindText({ kind, part }: Pick<StatementLine, "kind" | "part">): string {
  const t = words.value;
  const isSale = kind === "sale" || kind === "cod_sale";
  if (isSale && part === "discount_funding") return t.kindFunding();
  if (isSale && part === "discount") return t.kindDiscount();
  const texts: Record<string, (() => string) | undefined> = {
    sale: t.kindSale, cod_sale: t.kindCodSale, refund: t.kindRefund, released: t.kindReleased, payout: t.kindPayout,
    payout_returned: t.kindPayoutReturned, payout_cancelled: t.kindPayoutCancelled, adjustment: t.kindAdjustment, cod_netted: t.kindCodNetted,
  };
  return texts[kind]?.() ?? kind;
}

export function accountText(account: StatementLine["account"]): string {
  const t = words.value;
  return { pending: t.pending, available: t.available }[account]?.() ?? account;
}

export function stepText(kind: StepKind): string {
  const t = words.value;
  return {
    paid: t.stepPaid, tax: t.stepTax, base: t.stepBase, fee: t.stepFee, fee_gst: t.stepFeeGst, commission: t.stepCommission, tcs: t.stepTcs,
    tds: t.stepTds, cut: t.stepCut, rest: t.stepRest,
  }[kind]();
}

/** What a rate is a share of. */
export function ofWhat(kind: StepKind, percent: string): string {
  const t = words.value;
  if (kind === "fee_gst") return t.ofFee({ percent });
  return kind === "cut" ? t.ofCommission({ percent }) : t.ofBase({ percent });
}

export function sentence(refusal: Refusal): string {
  const t = words.value;
  if (refusal.code === "payee.not_found") return t.noPayee();
  return refusal.code === "statement.too_long" ? t.tooLong() : refusalText(refusal);
}
