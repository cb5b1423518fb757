/** States, events and reasons in the words of the desk: nobody there is the customer. */
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { orders as orderWords } from "../i18n/orders.ts";
import type { TimelineEvent } from "../orders/timeline.ts";
import { eventText } from "../orders/words.ts";
import type { Attribution, ReturnShelf, StatusFilter } from "./api.ts";

type Texts = Readonly<Record<string, () => string>>;

/** A word that this page does not know, from a newer server, is shown as it is. */
const inWords = (texts: Texts, word: string): string => (Object.hasOwn(texts, word) ? texts[word]!() : word);

export function filterText(status: StatusFilter): string {
  const t = words.value;
  const o = orderWords.value;
  return {
    "": t.all, pending: t.pending, confirmed: o.confirmed, processing: o.processing, shipped: o.shipped, delivered: o.delivered, cancelled: o.cancelled, refunded: o.refunded,
  }[status]();
}

export function shelfText(shelf: ReturnShelf): string {
  const t = words.value;
  return { open: t.returnsOpen, requested: t.returnsRequested, approved: t.returnsApproved, received: t.returnsReceived, done: t.returnsDone }[shelf]();
}

export function paymentState(status: string): string {
  const t = words.value;
  return inWords({
    created: t.payCreated, pending: t.payWaiting, captured: t.payCaptured, failed: t.payFailed, cancelled: t.payCancelled, collected: t.payCollected,
    remitted: t.payRemitted, returned: t.payReturned,
  }, status);
}

export function attributionKind({ kind }: Attribution): string {
  const t = words.value;
  if (kind === null) return t.kindUnknown();
  return inWords({ in_session: t.kindInSession, session_carryover: t.kindCarryover, replay: t.kindReplay, affiliate_link: t.kindLink, none: t.kindNone }, kind);
}

export function attributionReason({ reason }: Attribution): string {
  const t = words.value;
  if (reason === null) return "–";
  return inWords({
    added_to_cart: t.whyAdded, bought_there: t.whyBought, last_click: t.whyClick, no_touch: t.whyNone, own_purchase: t.whyOwn, own_household: t.whyHousehold,
  }, reason);
}

type Told = (data: Readonly<Record<string, unknown>>) => string;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const amount = (value: unknown): number => (typeof value === "number" ? value : 0);

/** The events that the orders page words for the customer, as "you". */
const told: Readonly<Record<string, Told>> = {
  placed: () => words.value.eventPlaced(),
  return_requested: ({ return_number }) => words.value.eventReturnRequested({ number: text(return_number) }),
  return_received: ({ return_number }) => words.value.eventReturnReceived({ number: text(return_number) }),
  return_cancelled: ({ return_number }) => words.value.eventReturnCancelled({ number: text(return_number) }),
  return_approved: ({ return_number }) => words.value.eventReturnApproved({ number: text(return_number) }),
  return_rejected: ({ return_number }) => words.value.eventReturnRejected({ number: text(return_number) }),
  refund: ({ status, amount_minor }) => {
    const t = words.value;
    const sum = { amount: amount(amount_minor) };
    return status === "succeeded" ? t.eventRefundDone(sum) : status === "failed" ? t.eventRefundFailed(sum) : t.eventRefundPending(sum);
  },
};

export function eventWords(event: TimelineEvent): string {
  const { kind, data } = event;
  if (kind === "payment" && data.status === "paid") return words.value.eventPaid();
  if (kind === "payment" && data.status === "partially_refunded") return words.value.eventPartlyRefunded();
  if (kind === "cancelled") return cancelledText(event);
  return told[kind]?.(data) ?? eventText(orderWords.value, event);
}

/** What was cancelled, by whom, and why. */
function cancelledText({ data }: TimelineEvent): string {
  const t = words.value;
  const by = inWords({ customer: t.byCustomer, wholesaler: t.byWholesaler, admin: t.byAdmin, courier: t.byCourier, system: t.bySystem }, text(data.by));
  const lines: readonly { name?: unknown; quantity?: unknown }[] = Array.isArray(data.lines) ? data.lines : [];
  const what = lines.map((line) => orderWords.value.times({ quantity: amount(line.quantity), name: text(line.name) })).join(", ");
  return [t.eventCancelled({ by, what: what || t.theOrder() }), cancelReason(text(data.reason))].filter(Boolean).join(" – ");
}

/** Of customers and wholesalers a word from a list, of an admin a sentence. */
export function cancelReason(reason: string): string {
  const t = words.value;
  const o = orderWords.value;
  return inWords({
    changed_mind: o.cancelChangedMind, ordered_by_mistake: o.cancelByMistake, found_cheaper: o.cancelCheaper, too_slow: o.cancelTooSlow, other: o.cancelOther,
    out_of_stock: t.reasonStock, damaged_stock: t.reasonDamaged, cannot_deliver_there: t.reasonThere, price_mistake: t.reasonPrice,
  }, reason);
}
