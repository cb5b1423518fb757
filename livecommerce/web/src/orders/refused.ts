/** Refusals of the orders page as sentences. */
import { common } from "../i18n/common.ts";
import { orders as words } from "../i18n/orders.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { Refusal } from "../wire/rest.ts";

const sentences: Readonly<Record<string, (() => string) | undefined>> = {
  "order.not_found": () => words.value.refNotFound(),
  "order.nothing_to_cancel": () => words.value.refNothingToCancel(),
  "order.unpaid_whole_only": () => words.value.refWholeOnly(),
  "return.not_delivered": () => words.value.refNotDelivered(),
  "return.too_many": () => words.value.refTooMany(),
  "return.too_late": () => words.value.refTooLate(),
  "return.upi_needed": () => words.value.refUpiNeeded(),
  "return.not_found": () => words.value.refReturnMoved(),
  "return.wrong_state": () => words.value.refReturnMoved(),
  "payment.not_payable": () => words.value.refNotPayable(),
  "payment.method_unavailable": () => words.value.refMethod(),
  "payment.reference_invalid": () => words.value.referenceError(),
  "review.not_bought": () => words.value.refNotBought(),
  "order.key_reused": () => common.value.somethingWrong(),
  "return.key_reused": () => common.value.somethingWrong(),
  "payload.invalid": () => common.value.somethingWrong(),
};

export const sentence = (refusal: Refusal): string => sentences[refusal.code]?.() ?? refusalText(refusal);

/** After these the order is not what the page shows; it is asked for anew. */
export const isOutdated = ({ code }: Refusal): boolean =>
  ["order.nothing_to_cancel", "order.unpaid_whole_only", "return.not_delivered", "return.too_many", "return.too_late", "return.wrong_state", "payment.not_payable"].includes(code);
