/** Coupons, for those who give them; shapes as the server's OpenAPI document gives them. */
import { restAs } from "../wire/identity.ts";

export type Maker = "admin" | "influencer" | "wholesaler";
export type CouponKind = "percent" | "fixed";
export type CouponState = "coming" | "running" | "ended" | "stopped" | "used_up";
export type Funder = "platform" | "wholesaler" | "influencer";

export interface NewCoupon {
  code: string;
  title: string;
  kind: CouponKind;
  percent_bp: number | null;
  amount_minor: number | null;
  max_discount_minor: number | null;
  min_spend_minor: number;
  quota: number | null;
  live_session_id: string | null;
  wholesaler_id: string | null;
  is_live_only: boolean;
  /** For admins to say; others pay for their own. */
  funded_by: Funder | null;
  starts_at_ms: number | null;
  ends_at_ms: number | null;
}

export interface Coupon extends NewCoupon {
  id: string;
  used: number;
  live_session_title: string | null;
  wholesaler_name: string | null;
  funded_by: Funder;
  starts_at_ms: number;
  state: CouponState;
}

export const coupons = (after: string) => restAs<{ coupons: readonly Coupon[]; next: string | null }>(`/coupons?${new URLSearchParams({ after })}`);
/** id: made here; the same one makes one coupon. */
export const makeCoupon = (id: string, coupon: NewCoupon) => restAs<{ coupon: Coupon }>("/coupons", { body: { id, ...coupon } });
export const stopCoupon = (id: string) => restAs<{ coupon: Coupon }>(`/coupons/${id}/stop`, { body: {} });
