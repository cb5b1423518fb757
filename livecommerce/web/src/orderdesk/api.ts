/** All orders and returns, as an admin sees them; shapes as the server's OpenAPI document gives them. */
import type { LineChoice, OrderDetail, OrderState } from "../orders/api.ts";
import type { DeskReturn, Return } from "../parcels/api.ts";
import { restAs } from "../wire/identity.ts";

export const statuses = ["", "pending", "confirmed", "processing", "shipped", "delivered", "cancelled", "refunded"] as const;
export type StatusFilter = (typeof statuses)[number];

export const returnShelves = ["open", "requested", "approved", "received", "done"] as const;
export type ReturnShelf = (typeof returnShelves)[number];

export interface AdminOrderRow extends OrderState {
  readonly id: string;
  readonly order_number: string;
  readonly total_minor: number;
  readonly customer_name: string;
  readonly customer_email: string;
  readonly placed_at_ms: number;
}

/** To whom a line was attributed, and why; kind and reason are null on lines that are older than attribution. */
export interface Attribution {
  readonly order_item_id: string;
  readonly kind: string | null;
  readonly reason: string | null;
  /** Version of the rule that decided. */
  readonly rule: number | null;
  /** The touch that decided. */
  readonly attributed_at_ms: number | null;
  readonly influencer_name: string;
  readonly live_session_id: string | null;
  readonly live_session_title: string | null;
}

export interface AdminOrder extends OrderDetail {
  readonly customer_name: string;
  readonly customer_email: string;
  readonly customer_phone: string;
  readonly cancel_reason: string | null;
  readonly payment: { readonly provider: string; readonly status: string } | null;
  readonly returns: readonly Return[];
  readonly attributions: readonly Attribution[];
}

export interface AdminReturn extends DeskReturn {
  wholesaler_name: string;
}

export interface AdminOrderAnswer {
  readonly order: AdminOrder;
}

export const adminOrders = (status: StatusFilter, search: string, after: string) =>
  restAs<{ orders: readonly AdminOrderRow[]; next: string | null }>(`/admin/orders?${new URLSearchParams({ status, search, after })}`);
export const adminOrder = (id: string) => restAs<AdminOrderAnswer>(`/admin/orders/${id}`);
/** id: of the cancellation; the same sent twice is done once. lines: null for all that can still be cancelled. */
export const cancel = (order: string, id: string, lines: readonly LineChoice[] | null, reason: string) =>
  restAs<AdminOrderAnswer>(`/admin/orders/${order}/cancel`, { body: { id, lines, reason } });
export const paperPath = (order: string, paper: string) => `/admin/orders/${order}/invoices/${paper}.pdf`;
export const adminReturns = (status: ReturnShelf, after: string) =>
  restAs<{ returns: readonly AdminReturn[]; next: string | null }>(`/admin/returns?${new URLSearchParams({ status, after })}`);
