/** What was counted of a live session; shapes as the server's OpenAPI document gives them. */
import { restAs } from "../wire/identity.ts";
import type { Translated } from "../wire/product-text.ts";
import type { MinuteFigures } from "./minutes.ts";

/** What became of a product: visits that had it pinned before them, taps, bags, orders that still hold. */
export interface WayToOrder extends Translated {
  product_id: string;
  shown: number;
  clicked: number;
  added_to_cart: number;
  ordered: number;
}

/** watch_time_ms: of all viewers together. minutes: oldest first; a minute without viewers is left out. */
export interface LiveSessionFigures {
  viewers: number;
  joins: number;
  peak_viewers: number;
  unique_viewers: number;
  unique_customers: number;
  watch_time_ms: number;
  messages: number;
  reactions: number;
  products: readonly WayToOrder[];
  minutes: readonly MinuteFigures[];
}

export const figuresOf = (id: string) => restAs<LiveSessionFigures>(`/studio/live-sessions/${id}/figures`);
