/** Payouts, payments and events in the words of who runs the shop. */
import { dateTime } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { PayeeKind } from "../money/api.ts";
import type { Refusal } from "../wire/rest.ts";
import type { CodStatus, EventState, PayoutStatus, Refund } from "./api.ts";

type Tone = "good" | "bad" | "few" | undefined;

export const time = (at_ms: number) => dateTime(language.value, at_ms);

/** A page that was loaded before an update may meet a word that it does not know; it shows that as it is. */
function inWords(texts: Record<string, (() => string) | undefined>, word: string): string {
  return texts[word]?.() ?? word;
}

export const payoutTones: Record<PayoutStatus, Tone> = { pending: "few", paid: "good", returned: "bad", cancelled: undefined };
export function payoutText(status: PayoutStatus): string {
  const t = words.value;
  return inWords({ pending: t.payoutPending, paid: t.payoutPaid, returned: t.payoutReturned, cancelled: t.payoutCancelled }, status);
}

export function kindText(kind: PayeeKind): string {
  const t = words.value;
  return inWords({ wholesaler: t.wholesaler, influencer: t.influencer }, kind);
}

export function problemText(problem: string): string {
  const t = words.value;
  return inWords({
    below_minimum: t.belowMinimum, negative: t.negative, inactive: t.inactive, not_verified: t.notVerified, no_bank_details: t.noBankDetails,
  }, problem);
}

export function codText(status: CodStatus): string {
  const t = words.value;
  return inWords({ created: t.codCreated, collected: t.codCollected, remitted: t.codRemitted, returned: t.codReturned }, status);
}

export const refundTones: Record<Refund["status"], Tone> = { pending: "few", failed: "bad", succeeded: "good" };
export function refundText(status: Refund["status"]): string {
  const t = words.value;
  return inWords({ pending: t.refundPending, failed: t.refundFailed, succeeded: t.refundSucceeded }, status);
}

export function methodText(method: string, provider: string): string {
  const t = words.value;
  return inWords({ original: () => provider, upi: t.methodUpi, bank: t.methodBank, store_credit: t.methodCredit }, method);
}

export const eventTones: Record<EventState, Tone> = {
  new: "few", waiting: "few", unknown: "bad", mismatch: "bad", applied: "good", ignored: undefined, failed: "bad",
};
export function eventText(state: EventState): string {
  const t = words.value;
  return inWords({
    new: t.eventNew, waiting: t.eventWaiting, unknown: t.eventUnknown, mismatch: t.eventMismatch, applied: t.eventApplied, ignored: t.eventIgnored,
    failed: t.eventFailed,
  }, state);
}

/** What the state of an event asks of the reader. */
export function eventHint(state: EventState): string {
  const t = words.value;
  return inWords({
    new: t.eventNewHint, waiting: t.eventWaitingHint, unknown: t.eventUnknownHint, mismatch: t.eventMismatchHint, applied: t.eventAppliedHint,
    ignored: t.eventIgnoredHint, failed: t.eventFailedHint,
  }, state);
}

export function accountName(name: string): string {
  const t = words.value;
  return inWords({
    customer_receivable: t.accReceivable, gateway_clearing: t.accProvider, cod_in_transit: t.accCourier, wholesaler_pending: t.accWholesalerPending,
    wholesaler_available: t.accWholesalerAvailable, influencer_pending: t.accInfluencerPending, influencer_available: t.accInfluencerAvailable,
    platform_fee_income: t.accFee, platform_influencer_cut: t.accCut, gst_on_fees: t.accFeeGst, tcs_payable: t.accTcs, tds_payable: t.accTds,
    shipping_income: t.accShipping, cod_fee_income: t.accCodFee, discount_funding: t.accDiscount, refunds_payable: t.accRefunds,
    store_credit: t.accCredit, payout_clearing: t.accPayouts, adjustments: t.accAdjustments, rounding: t.accRounding,
  }, name);
}

export function sentence(refusal: Refusal): string {
  const t = words.value;
  const sentences: Record<string, (() => string) | undefined> = {
    "payout.nothing_due": t.nothingDue, "payout.not_found": t.payoutNotFound, "payout.wrong_state": t.changedMeanwhile,
    "payee.not_found": t.payeeNotFound, "payout.key_reused": t.changedMeanwhile, "payment.not_found": t.paymentNotFound,
    "payment.wrong_state": t.changedMeanwhile, "payment.reference_used": t.referenceUsed, "payment.amount_differs": t.amountDiffers,
    "payment.reference_invalid": t.errUtr, "refund.not_found": t.refundNotFound, "refund.wrong_state": t.changedMeanwhile,
    "payload.invalid": t.notReadable,
  };
  return sentences[refusal.code]?.() ?? refusalText(refusal);
}
