/** The customer's REST calls about orders; shapes as the server's OpenAPI document gives them. */
import type { OrderPaymentStatus, OrderStatus, RefundMethod, RefundStatus, ReturnReason, ReturnStatus } from "@/types/database";
import type { Address } from "../wire/contract.gen.ts";
import { restAs } from "../wire/identity.ts";
import type { TimelineEvent } from "./timeline.ts";

/** What names the state of an order. */
export interface OrderState {
  readonly status: OrderStatus;
  readonly payment_status: OrderPaymentStatus;
  /** Null of orders that are older than ways to pay. */
  readonly payment_method: string | null;
}

export interface OrderRow extends OrderState {
  readonly id: string;
  readonly order_number: string;
  readonly total_minor: number;
  readonly refunded_minor: number;
  readonly placed_at_ms: number;
  readonly pay_until_ms: number | null;
  /** Pieces of all lines. */
  readonly quantity: number;
  /** The first four. */
  readonly items: readonly { readonly name: string; readonly label: string; readonly quantity: number; readonly image_url: string | null }[];
  readonly item_count: number;
}

export interface Item {
  readonly order_item_id: string;
  readonly product_id: string | null;
  readonly variant_id: string | null;
  readonly name: string;
  readonly label: string;
  readonly image_url: string | null;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly discount_minor: number;
  /** What was asked for the line: quantity x price - discount. */
  readonly total_minor: number;
  readonly quantity_cancelled: number;
  readonly quantity_packed: number;
  readonly quantity_shipped: number;
  readonly quantity_delivered: number;
  readonly quantity_returned: number;
  readonly cancellable: number;
  readonly returnable: number;
  /** Null when nothing of it may be sent back. */
  readonly returnable_until_ms: number | null;
}

export type PartStatus = "to_pack" | "packed" | "partly_shipped" | "shipped" | "delivered" | "cancelled";

export interface Shipment {
  readonly id: string;
  readonly status: "packed" | "shipped" | "delivered" | "returned";
  readonly carrier: string | null;
  readonly tracking_number: string | null;
  readonly tracking_url: string | null;
  readonly packed_at_ms: number;
  readonly shipped_at_ms: number | null;
  readonly delivered_at_ms: number | null;
  readonly returned_at_ms: number | null;
  readonly lines: readonly { readonly order_item_id: string; readonly quantity: number }[];
  readonly invoice_id: string | null;
}

/** What one wholesaler sends of the order. */
export interface Part {
  readonly wholesaler_id: string | null;
  readonly wholesaler_name: string;
  readonly status: PartStatus;
  readonly items: readonly Item[];
  readonly shipments: readonly Shipment[];
}

export interface Return {
  readonly id: string;
  readonly return_number: string;
  readonly status: ReturnStatus;
  readonly reason: string;
  readonly comment: string | null;
  readonly decision_note: string | null;
  readonly requested_at_ms: number;
  readonly lines: readonly { readonly order_item_id: string; readonly name: string; readonly label: string; readonly quantity: number; readonly quantity_received: number }[] | null;
}

export interface Refund {
  readonly id: string;
  readonly return_id: string | null;
  readonly amount_minor: number;
  readonly status: RefundStatus;
  readonly method: RefundMethod;
  readonly created_at_ms: number;
}

export interface Invoice {
  readonly id: string;
  readonly number: string;
  readonly document_type: "invoice" | "bill_of_supply" | "credit_note";
  readonly issued_at_ms: number;
  readonly total_minor: number;
  readonly wholesaler_name: string;
  readonly shipment_id: string | null;
}

export interface OrderDetail extends OrderState {
  readonly id: string;
  readonly order_number: string;
  readonly placed_at_ms: number;
  readonly pay_until_ms: number | null;
  readonly cancelled_at_ms: number | null;
  readonly subtotal_minor: number;
  readonly discount_minor: number;
  readonly shipping_minor: number;
  readonly cod_fee_minor: number;
  readonly total_minor: number;
  readonly refunded_minor: number;
  readonly due_minor: number;
  readonly coupon_code: string | null;
  readonly buyer_gstin: string | null;
  readonly address: Address;
  readonly parts: readonly Part[];
  readonly returns: readonly Return[];
  readonly refunds: readonly Refund[];
  readonly invoices: readonly Invoice[];
  readonly timeline: readonly TimelineEvent[];
  readonly can: readonly ("cancel" | "return" | "pay")[];
}

export interface OrdersPage {
  readonly orders: readonly OrderRow[];
  readonly next: string | null;
}

export interface OrderAnswer {
  readonly order: OrderDetail;
}

export interface LineChoice {
  readonly order_item_id: string;
  readonly quantity: number;
}

export type CancelReason = "changed_mind" | "ordered_by_mistake" | "found_cheaper" | "too_slow" | "other";
export const cancelReasons: readonly CancelReason[] = ["changed_mind", "ordered_by_mistake", "found_cheaper", "too_slow", "other"];
export const returnReasons: readonly ReturnReason[] = ["damaged", "wrong_item", "not_as_described", "does_not_fit", "changed_mind", "other"];
export const longestComment = 2000;

const post = <T>(path: string, body: unknown) => restAs<T>(path, { method: "POST", body });

export const myOrders = (after: string) => restAs<OrdersPage>(`/orders?after=${encodeURIComponent(after)}`);
export const myOrder = (id: string) => restAs<OrderAnswer>(`/orders/${id}`);

export interface Cancellation {
  readonly lines: readonly LineChoice[];
  readonly reason: CancelReason;
}
export const cancelOrder = (order_id: string, id: string, cancellation: Cancellation) =>
  post<OrderAnswer>(`/orders/${order_id}/cancel`, { id, ...cancellation });

export interface ReturnWish {
  readonly reason: ReturnReason;
  readonly comment: string | null;
  readonly lines: readonly LineChoice[];
  /** Where the money goes when it was paid in cash. */
  readonly upi_id: string | null;
}
export const askReturn = (order_id: string, id: string, wish: ReturnWish) => post<OrderAnswer>(`/orders/${order_id}/returns`, { id, ...wish });
export const withdrawReturn = (return_id: string) => post<OrderAnswer>(`/returns/${return_id}/cancel`, {});

export type PaymentMethod = "test" | "upi" | "stripe" | "razorpay" | "cod";

export interface Payment {
  readonly order_id: string;
  readonly order_number: string;
  readonly order_status: OrderStatus;
  readonly payment_status: OrderPaymentStatus;
  readonly payment_id: string | null;
  readonly provider: string;
  readonly status: "created" | "pending" | "captured" | "failed" | "cancelled" | "collected" | "remitted" | "returned";
  readonly amount_minor: number;
  readonly pay_until_ms: number | null;
  readonly server_time_ms: number;
  readonly is_payable: boolean;
  /** What may be chosen now. */
  readonly methods: readonly PaymentMethod[];
  readonly failure: string | null;
  readonly upi: { readonly link: string; readonly qr_svg: string; readonly payee_name: string; readonly reference: string; readonly customer_reference: string | null } | null;
  /** The address of the provider's page. */
  readonly stripe: { readonly redirect_url: string } | null;
  /** A form that the browser posts to the provider's page. */
  readonly razorpay: { readonly action: string; readonly fields: Readonly<Record<string, string>> } | null;
}

export interface PaymentAnswer {
  readonly payment: Payment;
}

export const myPayment = (order_id: string) => restAs<PaymentAnswer>(`/orders/${order_id}/payment`);
export const pay = (order_id: string, method: PaymentMethod) => post<PaymentAnswer>(`/orders/${order_id}/pay`, { method });
export const sendReference = (order_id: string, reference: string) => post<PaymentAnswer>(`/orders/${order_id}/payment/reference`, { reference });

export interface DueReview {
  readonly product_id: string;
  readonly name: string;
  readonly image_url: string | null;
  readonly order_id: string;
}
export const reviewsDue = () => restAs<{ readonly products: readonly DueReview[] }>("/reviews/due");
export const writeReview = (product_id: string, rating: number, title: string, body: string) =>
  post<{ readonly review: unknown }>("/reviews", { product_id, rating, title, body });
