/**
 * The id of an order attempt.
 *
 * The same contents keep their id, through double taps, retries and lost answers, so that the server gives the
 * same order for them. Other contents (another variant, quantity, address, method or total) get another id: an id
 * sent before with other contents would be refused.
 */
import type { Inward } from "../wire/contract.gen.ts";

export type OrderContents = Omit<Inward["order.place"]["payload"], "id">;

export interface Attempt {
  id: string;
  contents: OrderContents;
}

export function attemptFor(before: Attempt | null, contents: OrderContents, newId: () => string): Attempt {
  return before !== null && JSON.stringify(before.contents) === JSON.stringify(contents) ? before : { id: newId(), contents };
}
