/**
 * What comes back for units of an order: the server's own rule (private.units_minor_v1), so that what is announced
 * before the confirmation is what is paid. Parcels and returns take the shares of a line from the front,
 * cancellations from the back; over all units the shares come to exactly what the line cost.
 */
import type { Item, LineChoice, OrderDetail } from "./api.ts";

/** The first `units` of a line, rounded half up. */
function share(item: Item, units: number): number {
  return Math.floor((2 * item.total_minor * units + item.quantity) / (2 * item.quantity));
}

export function cancelledMinor(item: Item, units: number): number {
  const kept = item.quantity - item.quantity_cancelled;
  return share(item, kept) - share(item, kept - units);
}

/** waiting: units of the line in returns that have not arrived yet. */
export function returnedMinor(item: Item, units: number, waiting: number): number {
  const before = item.quantity_returned + waiting;
  return share(item, before + units) - share(item, before);
}

type Counted = Pick<OrderDetail, "parts" | "returns" | "refunds" | "shipping_minor" | "cod_fee_minor" | "total_minor">;

const itemsOf = (order: Pick<OrderDetail, "parts">): readonly Item[] => order.parts.flatMap((part) => part.items);
const chosen = (item: Item, lines: readonly LineChoice[]) => lines.find((line) => line.order_item_id === item.order_item_id)?.quantity ?? 0;

/** Shipping and fee come back with the last units, not before. */
export function cancelSum(order: Counted, lines: readonly LineChoice[]): number {
  const items = itemsOf(order);
  const isAll = items.every((item) => item.quantity - item.quantity_cancelled - chosen(item, lines) === 0);
  return items.reduce((sum, item) => sum + cancelledMinor(item, chosen(item, lines)), isAll ? order.shipping_minor + order.cod_fee_minor : 0);
}

export function returnSum(order: Counted, lines: readonly LineChoice[]): number {
  const items = itemsOf(order);
  const isAll = items.every((item) => item.quantity - item.quantity_cancelled - item.quantity_returned - waitingUnits(order, item) - chosen(item, lines) === 0);
  const sum = items.reduce((total, item) => total + returnedMinor(item, chosen(item, lines), waitingUnits(order, item)), isAll ? order.shipping_minor + order.cod_fee_minor : 0);
  const given = order.refunds.reduce((total, refund) => total + (refund.status === "failed" ? 0 : refund.amount_minor), 0);
  return Math.min(sum, order.total_minor - given);
}

function waitingUnits(order: Pick<OrderDetail, "returns">, item: Item): number {
  return order.returns
    .filter(({ status }) => status === "requested" || status === "approved")
    .flatMap(({ lines }) => lines ?? [])
    .reduce((sum, line) => sum + (line.order_item_id === item.order_item_id ? line.quantity : 0), 0);
}

export const pieces = (lines: readonly LineChoice[]): number => lines.reduce((sum, line) => sum + line.quantity, 0);
