/** The desk of reviews; shapes as the server's OpenAPI document gives them. */
import type { Review } from "../shop/api.ts";
import { restAs } from "../wire/identity.ts";

export const shelves = ["all", "published", "hidden"] as const;
export type Shelf = (typeof shelves)[number];

export interface DeskReview extends Review {
  product_name: string;
}

export interface DeskReviews {
  reviews: readonly DeskReview[];
  next: string | null;
}

export const deskReviews = (shelf: Shelf, after: string) =>
  restAs<DeskReviews>(`/admin/reviews?${new URLSearchParams({ status: shelf === "all" ? "" : shelf, after })}`);
/** reason: its author reads it. */
export const hide = (id: string, reason: string) => restAs<{ review: Review }>(`/admin/reviews/${id}/hide`, { body: { reason } });
export const show = (id: string) => restAs<{ review: Review }>(`/admin/reviews/${id}/show`, { body: {} });
