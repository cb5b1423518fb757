/** Part-orders, parcels and returns in the words of the wholesaler who packs them. */
import { dateTime, money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { parcels as words } from "../i18n/parcels.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { Refusal } from "../wire/rest.ts";
import type { Address, Cash, DeclineReason, Invoice, PartOrder, PartStatus, ReturnStatus, Shipment } from "./api.ts";
import { ids } from "./testids.ts";
import type { TrackingFault } from "./tracking.ts";

type Tone = "good" | "bad" | "few" | undefined;

const tones: Record<PartStatus, Tone> = {
  to_pack: "few", packed: "few", partly_shipped: "few", shipped: "good", delivered: "good", cancelled: undefined,
};
const parcelTones: Record<Shipment["status"], Tone> = { packed: "few", shipped: "good", delivered: "good", returned: "bad" };
const returnTones: Record<ReturnStatus, Tone> = {
  requested: "few", approved: "few", rejected: undefined, received: "good", refunded: "good", cancelled: undefined,
};

export const time = (at_ms: number) => dateTime(language.value, at_ms);

export function PartTag({ status }: { status: PartStatus }) {
  const t = words.value;
  const texts = {
    to_pack: t.toShip, packed: t.packed, partly_shipped: t.partlyShipped, shipped: t.shipped, delivered: t.delivered, cancelled: t.cancelled,
  };
  return <span class="tag" data-tone={tones[status]} data-status={status} data-testid={ids.status}>{texts[status]?.() ?? status}</span>;
}

export function ParcelTag({ status }: { status: Shipment["status"] }) {
  const t = words.value;
  const texts = { packed: t.packed, shipped: t.shipped, delivered: t.delivered, returned: t.cameBack };
  return <span class="tag" data-tone={parcelTones[status]}>{texts[status]?.() ?? status}</span>;
}

export function ReturnTag({ status }: { status: ReturnStatus }) {
  const t = words.value;
  const texts = {
    requested: t.returnRequested, approved: t.returnApproved, rejected: t.returnRejected, received: t.returnReceived,
    refunded: t.returnRefunded, cancelled: t.cancelled,
  };
  return <span class="tag" data-tone={returnTones[status]} data-status={status}>{texts[status]?.() ?? status}</span>;
}

/** Why the customer sends it back; what this page does not know is shown as it is. */
export function returnReason(reason: string): string {
  const t = words.value;
  const texts: Record<string, (() => string) | undefined> = {
    damaged: t.whyDamaged, wrong_item: t.whyWrongItem, not_as_described: t.whyNotAsDescribed, does_not_fit: t.whyDoesNotFit,
    changed_mind: t.whyChangedMind, other: t.whyOther,
  };
  return texts[reason]?.() ?? reason;
}

export const declineReasons: readonly DeclineReason[] = ["out_of_stock", "damaged_stock", "cannot_deliver_there", "price_mistake", "other"];

export function declineReason(reason: DeclineReason): string {
  const t = words.value;
  return {
    out_of_stock: t.declineOutOfStock, damaged_stock: t.declineDamaged, cannot_deliver_there: t.declineThere, price_mistake: t.declinePrice, other: t.whyOther,
  }[reason]();
}

export function documentType(type: Invoice["document_type"]): string {
  const t = words.value;
  return { invoice: t.invoice, bill_of_supply: t.billOfSupply, credit_note: t.creditNote }[type]?.() ?? type;
}

export function trackingFault(fault: TrackingFault | undefined): string | undefined {
  const t = words.value;
  if (fault === undefined) return undefined;
  return { carrier_missing: t.errCarrier, carrier_long: t.errLong, number_long: t.errLong, link_not_web: t.errLink }[fault]();
}

/** Who has the cash of an order. */
export function cashText({ status, amount_minor, is_with_wholesaler }: Cash): string {
  const t = words.value;
  if (status === "created") return amount_minor === null ? t.cashDue() : t.cashDueOf({ amount: money(language.value, amount_minor) });
  if (status === "collected" && is_with_wholesaler) return t.cashWithYou();
  return { collected: t.cashWithCourier, remitted: is_with_wholesaler ? t.cashSettled : t.cashArrived, returned: t.cashReturned, cancelled: t.cashNone }[status]?.() ?? status;
}

/** The cash of the whole order is collected with this parcel, and the wholesaler may have taken it himself. */
export function cashAtDoor(order: PartOrder, shipment: Shipment): { payment_id: string; amount_minor: number } | null {
  const { cash } = order;
  if (cash === null || cash.status !== "created" || cash.payment_id === null || cash.amount_minor === null || cash.amount_minor === 0) return null;
  const isLast = order.items.every((item) => item.open === 0) && order.shipments.every((one) => one.id === shipment.id || (one.status !== "packed" && one.status !== "shipped"));
  return isLast ? { payment_id: cash.payment_id, amount_minor: cash.amount_minor } : null;
}

/** As it stands on a label. */
export function addressLines(address: Address): string[] {
  const { line1, line2, landmark, city, state, postal_code } = address;
  return [line1, line2, landmark, `${city} ${postal_code}`, state].filter((line): line is string => Boolean(line));
}

/** "Red, L"; the only variant of a product is not named. */
export function itemName({ name, label }: { name: string; label: string }): string {
  return label && label !== "Standard" ? `${name}, ${label}` : name;
}

export function sentence(refusal: Refusal): string {
  const t = words.value;
  const sentences: Record<string, (() => string) | undefined> = {
    "order.not_found": t.orderNotFound, "order.not_paid": t.orderNotPaid, "order.nothing_to_ship": t.nothingToShip,
    "order.nothing_to_cancel": t.nothingToDecline, "order.unpaid_whole_only": t.orderNotPaid, "invoice.gstin_unreadable": t.gstinUnreadable, "invoice.not_found": t.invoiceNotFound, "order.key_reused": t.changedMeanwhile, "shipment.not_found": t.parcelNotFound,
    "shipment.wrong_state": t.changedMeanwhile, "return.not_found": t.returnNotFound, "return.wrong_state": t.changedMeanwhile,
    "payment.wrong_state": t.changedMeanwhile, "payment.not_found": t.orderNotFound, "return.too_many": t.returnTooMany, "return.not_paid": t.returnNotPaid,
  };
  return sentences[refusal.code]?.() ?? refusalText(refusal);
}

/** Refusals after which the page asks for the newest state: what it shows is out of date. */
export const outOfDate = new Set(["order.nothing_to_ship", "order.nothing_to_cancel", "shipment.wrong_state", "shipment.not_found", "return.wrong_state", "return.too_many"]);
