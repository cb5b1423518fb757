/** What of a bag is ordered: what can be, with the deal whose price was shown. Pure. */
import type { CartLine, OrderLine } from "../wire/contract.gen.ts";

/** As many lines as one order takes. */
export const mostOrdered = 50;

export function toItems(lines: readonly CartLine[]): readonly OrderLine[] {
  return lines.filter((line) => line.can_order > 0).slice(0, mostOrdered).map((line) => ({
    variant_id: line.variant_id, quantity: line.can_order, live_session_id: line.live_session_id, deal_id: line.deal?.id ?? null,
  }));
}
