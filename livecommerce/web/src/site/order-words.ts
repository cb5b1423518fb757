/** What a customer reads of the states of an order and of its payment. */
import type { OrderPaymentStatus, OrderStatus } from "@/types/database";
import type { words as english } from "../i18n/gen/site.en.ts";
import type { Order } from "../wire/contract.gen.ts";

export interface PlacedOrder extends Order {
  readonly status: OrderStatus;
  readonly payment_status: OrderPaymentStatus;
}

type Words = typeof english;

export function statusText(t: Words, { status }: Pick<PlacedOrder, "status">): string {
  const texts: Record<OrderStatus, () => string> = {
    pending: t.statusPending, confirmed: t.statusConfirmed, processing: t.statusProcessing, shipped: t.statusShipped,
    delivered: t.statusDelivered, cancelled: t.statusCancelled, refunded: t.statusRefunded,
  };
  return inWords(texts, status);
}

export function paymentText(t: Words, { status, payment_status }: Pick<PlacedOrder, "status" | "payment_status">): string {
  const texts: Record<OrderPaymentStatus, () => string> = {
    pending: status === "cancelled" ? t.paymentNone : t.paymentPending, paid: t.paymentPaid, failed: t.paymentFailed,
    refunded: t.paymentRefunded, partially_refunded: t.paymentPartlyRefunded,
  };
  return inWords(texts, payment_status);
}

/** A page that was loaded before an update may meet a word that it does not know; it shows that as it is. */
function inWords<Word extends string>(texts: Record<Word, () => string>, word: Word): string {
  return Object.hasOwn(texts, word) ? texts[word]() : word;
}
