/** What a customer reads of the states of an order, its payment, its parts and what happened to it. */
import type { OrderPaymentStatus, OrderStatus, RefundMethod, RefundStatus, ReturnReason, ReturnStatus } from "@/types/database";
import type { words as english } from "../i18n/gen/orders.en.ts";
import type { CancelReason, OrderState, PartStatus, PaymentMethod } from "./api.ts";
import type { StepName, TimelineEvent } from "./timeline.ts";

export type Words = typeof english;
export type Tone = "good" | "bad" | "few" | undefined;

/** A page that was loaded before an update may meet a word that it does not know; it shows that as it is. */
function inWords<Word extends string>(texts: Record<Word, () => string>, word: Word): string {
  return Object.hasOwn(texts, word) ? texts[word]() : word;
}

/** To be paid before it arrives, and not paid yet. */
export const isUnpaid = ({ status, payment_status, payment_method }: OrderState): boolean =>
  status === "pending" && payment_method !== "cod" && (payment_status === "pending" || payment_status === "failed");

export function statusText(t: Words, order: OrderState): string {
  if (isUnpaid(order)) return t.toPay();
  const texts: Record<OrderStatus, () => string> = {
    pending: t.pending, confirmed: t.confirmed, processing: t.processing, shipped: t.shipped, delivered: t.delivered, cancelled: t.cancelled,
    refunded: t.refunded,
  };
  return inWords(texts, order.status);
}

export function statusTone(order: OrderState): Tone {
  if (isUnpaid(order)) return "few";
  return order.status === "cancelled" ? "bad" : order.status === "refunded" ? undefined : "good";
}

export function paymentText(t: Words, { status, payment_status, payment_method }: OrderState): string {
  const texts: Record<OrderPaymentStatus, () => string> = {
    pending: status === "cancelled" ? t.payNone : payment_method === "cod" ? t.payCash : t.payPending,
    paid: t.payPaid, failed: status === "cancelled" ? t.payNone : t.payFailed, refunded: t.payRefunded, partially_refunded: t.payPartly,
  };
  return inWords(texts, payment_status);
}

export function methodText(t: Words, method: string | null): string {
  if (method === null) return "";
  const texts: Record<PaymentMethod, () => string> = {
    cod: t.methodCod, test: t.methodTest, upi: t.methodUpi, stripe: t.methodStripe, razorpay: t.methodRazorpay,
  };
  return inWords(texts, method as PaymentMethod);
}

export function methodHint(t: Words, method: PaymentMethod): string {
  return { cod: t.methodCodHint, test: t.methodTestHint, upi: t.methodUpiHint, stripe: t.methodStripeHint, razorpay: t.methodRazorpayHint }[method]();
}

export function partText(t: Words, status: PartStatus): string {
  const texts: Record<PartStatus, () => string> = {
    to_pack: t.partToPack, packed: t.partPacked, partly_shipped: t.partPartlyShipped, shipped: t.partShipped, delivered: t.partDelivered,
    cancelled: t.partCancelled,
  };
  return inWords(texts, status);
}

export function stepText(t: Words, name: StepName): string {
  return { placed: t.stepPlaced, paid: t.stepPaid, packed: t.stepPacked, shipped: t.stepShipped, delivered: t.stepDelivered, cancelled: t.stepCancelled }[name]();
}

export function returnText(t: Words, status: ReturnStatus): string {
  const texts: Record<ReturnStatus, () => string> = {
    requested: t.returnRequested, approved: t.returnApproved, rejected: t.returnRejected, received: t.returnReceived, refunded: t.returnRefunded,
    cancelled: t.returnCancelled,
  };
  return inWords(texts, status);
}

export const returnTones: Readonly<Record<ReturnStatus, Tone>> = {
  requested: "few", approved: "few", rejected: "bad", received: "few", refunded: "good", cancelled: undefined,
};

export function refundText(t: Words, status: RefundStatus): string {
  return inWords({ pending: t.refundPending, succeeded: t.refundDone, failed: t.refundFailed }, status);
}

export function routeText(t: Words, method: RefundMethod): string {
  return inWords({ original: t.routeOriginal, upi: t.routeUpi, bank: t.routeBank, store_credit: t.routeCredit }, method);
}

export function cancelReasonText(t: Words, reason: CancelReason): string {
  return { changed_mind: t.cancelChangedMind, ordered_by_mistake: t.cancelByMistake, found_cheaper: t.cancelCheaper, too_slow: t.cancelTooSlow, other: t.cancelOther }[reason]();
}

export function returnReasonText(t: Words, reason: ReturnReason): string {
  const texts: Record<ReturnReason, () => string> = {
    damaged: t.returnDamaged, wrong_item: t.returnWrongItem, not_as_described: t.returnNotAsDescribed, does_not_fit: t.returnDoesNotFit,
    changed_mind: t.returnChangedMind, other: t.returnOther,
  };
  return inWords(texts, reason);
}

/** The text of a word, or undefined for one that is not here. */
function said(texts: Readonly<Record<string, () => string>>, word: unknown): string | undefined {
  return typeof word === "string" && Object.hasOwn(texts, word) ? texts[word]!() : undefined;
}

type Told = (t: Words, data: Readonly<Record<string, unknown>>) => string;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const amount = (value: unknown): number => (typeof value === "number" ? value : 0);

const told: Readonly<Record<string, Told>> = {
  placed: (t) => t.eventPlaced(),
  payment: (t, { status }) =>
    said({ paid: t.eventPaid, failed: t.eventPayFailed, refunded: t.eventRefundedOrder, partially_refunded: t.eventPartlyRefunded }, status) ?? text(status),
  status: (t, { status }) =>
    said({
      confirmed: t.eventConfirmed, processing: t.eventProcessing, shipped: t.eventOrderShipped, delivered: t.eventDelivered, cancelled: t.eventCancelled,
      refunded: t.eventRefundedOrder,
    }, status) ?? text(status),
  packed: (t, { wholesaler_name }) => t.eventPacked({ name: text(wholesaler_name) }),
  shipped: (t, { wholesaler_name, carrier, quantity }) =>
    text(carrier) === ""
      ? t.eventShipped({ name: text(wholesaler_name), count: amount(quantity) })
      : t.eventShippedBy({ name: text(wholesaler_name), count: amount(quantity), carrier: text(carrier) }),
  tracking: (t, { tracking_number }) => t.eventTracking({ number: text(tracking_number) }),
  parcel_delivered: (t, { wholesaler_name }) => t.eventParcelDelivered({ name: text(wholesaler_name) }),
  parcel_returned: (t, { wholesaler_name }) => t.eventParcelReturned({ name: text(wholesaler_name) }),
  cancelled: (t, { by, lines }) => {
    const what = linesText(t, lines);
    return said({
      customer: () => t.eventCancelledYou({ what }), wholesaler: () => t.eventCancelledSeller({ what }), admin: () => t.eventCancelledShop({ what }),
      courier: () => t.eventCancelledCourier({ what }), system: () => t.eventCancelledSystem({ what }),
    }, by) ?? t.eventCancelled();
  },
  return_requested: (t, { return_number }) => t.eventReturnRequested({ number: text(return_number) }),
  return_approved: (t, { return_number }) => t.eventReturnApproved({ number: text(return_number) }),
  return_rejected: (t, { return_number }) => t.eventReturnRejected({ number: text(return_number) }),
  return_received: (t, { return_number }) => t.eventReturnReceived({ number: text(return_number) }),
  return_cancelled: (t, { return_number }) => t.eventReturnCancelled({ number: text(return_number) }),
  refund: (t, { status, amount_minor }) => {
    const sum = { amount: amount(amount_minor) };
    return said({ succeeded: () => t.eventRefundDone(sum), failed: () => t.eventRefundFailed(sum) }, status) ?? t.eventRefundPending(sum);
  },
};

function linesText(t: Words, lines: unknown): string {
  const names = (Array.isArray(lines) ? lines : []).map((line: { name?: unknown; quantity?: unknown }) =>
    t.times({ quantity: amount(line.quantity), name: text(line.name) }));
  return names.length > 0 ? names.join(", ") : t.theOrder();
}

export function eventText(t: Words, { kind, data }: TimelineEvent): string {
  return told[kind]?.(t, data) ?? kind;
}
