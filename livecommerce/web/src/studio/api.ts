/** The studio's REST calls; shapes as the server's OpenAPI document gives them. */
import type { LiveSessionVisibility } from "@/types/database";
import type { LiveSession } from "../wire/contract.gen.ts";
import { restAs } from "../wire/identity.ts";
import type { Translated } from "../wire/product-text.ts";

export type Visibility = LiveSessionVisibility;

export interface OwnLiveSession extends LiveSession {
  visibility: Visibility;
  hold_policy: "hold" | "first_paid";
  hold_ttl_s: number;
  /** Messages in the chat may claim products. */
  takes_claims: boolean;
  product_ids: readonly string[];
}

export interface StudioProduct extends Translated {
  id: string;
  category: string;
  wholesaler_name: string;
  image_url: string | null;
  price_minor: number;
  compare_at_minor: number | null;
  stock: number;
}

export interface Plan {
  title: string;
  description: string;
  product_ids: readonly string[];
  visibility: Visibility;
  hold_policy: "hold" | "first_paid";
  hold_ttl_s: number;
  /** Messages in the chat may claim products. */
  takes_claims: boolean;
  /** null: at any time. */
  scheduled_start_at_ms?: number | null;
}

export const ownLiveSessions = () => restAs<{ live_sessions: OwnLiveSession[] }>("/studio/live-sessions");
export const findProducts = (search: string) => restAs<{ products: StudioProduct[] }>(`/studio/products?search=${encodeURIComponent(search)}`);
export const create = (plan: Plan) => restAs<{ live_session: OwnLiveSession }>("/studio/live-sessions", { method: "POST", body: plan });
export const change = (id: string, plan: Plan) =>
  restAs<{ live_session: OwnLiveSession }>(`/studio/live-sessions/${id}`, { method: "PATCH", body: plan });

/** What leads to a product, to one of one's live sessions, or (neither) to the shop. */
export interface AffiliateLink {
  code: string;
  /** What is shared, behind the address of this server. */
  path: string;
  product_id: string | null;
  product_name: string | null;
  live_session_id: string | null;
  live_session_title: string | null;
  clicks: number;
  customers: number;
  created_at_ms: number;
}

/** By all links together; earned: one's part of what of it is paid for and was not sent back. */
export interface LinkSales {
  days: number;
  orders: number;
  pieces: number;
  earned_minor: number;
}

export const affiliateLinks = () => restAs<{ links: AffiliateLink[]; sales: LinkSales }>("/affiliate-links");
/** The same target has the same link. */
export const makeLink = (target: { product_id?: string; live_session_id?: string }) => restAs<{ link: AffiliateLink }>("/affiliate-links", { body: target });
