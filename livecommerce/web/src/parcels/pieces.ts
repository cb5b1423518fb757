/** Which pieces of an order go into a parcel or are given up, and what given-up ones were worth. */
import type { Item, Line } from "./api.ts";

/** Chosen pieces by order item. */
export type Pieces = Readonly<Record<string, number>>;

type Open = Pick<Item, "order_item_id" | "open">;

/**
 * The choice kept within what is open by now: another tab or the customer may have taken some of it. A line not
 * chosen about goes in whole, which is what a wholesaler nearly always wants.
 */
export function within(pieces: Pieces, items: readonly Open[]): Pieces {
  return Object.fromEntries(
    items.filter((item) => item.open > 0).map((item) => [item.order_item_id, Math.max(0, Math.min(item.open, pieces[item.order_item_id] ?? item.open))]),
  );
}

export function linesOf(pieces: Pieces): Line[] {
  return Object.entries(pieces).filter(([, quantity]) => quantity > 0).map(([order_item_id, quantity]) => ({ order_item_id, quantity }));
}

export function countOf(pieces: Pieces): number {
  return Object.values(pieces).reduce((sum, quantity) => sum + quantity, 0);
}

type Paid = Pick<Item, "order_item_id" | "quantity" | "quantity_cancelled" | "total_minor">;

/**
 * What the customer paid for these pieces. Pieces are given up from the back of the line, each amount being the
 * difference of two rounded running totals; so however a line is given up, the amounts add up to what was paid for it.
 */
export function worthOf(pieces: Pieces, items: readonly Paid[]): number {
  return items.reduce((sum, item) => {
    const left = item.quantity - item.quantity_cancelled;
    return sum + runningTotal(item, left) - runningTotal(item, left - (pieces[item.order_item_id] ?? 0));
  }, 0);
}

/** Half up, in integers. */
function runningTotal(item: Paid, pieces: number): number {
  return Math.floor((2 * item.total_minor * pieces + item.quantity) / (2 * item.quantity));
}
