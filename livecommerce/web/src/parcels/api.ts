/** A wholesaler's orders, returns and invoices; shapes as the server's OpenAPI document gives them. */
import { restAs } from "../wire/identity.ts";

export type PartStatus = "to_pack" | "packed" | "partly_shipped" | "shipped" | "delivered" | "cancelled";
export type Shelf = "to_pack" | "packed" | "on_the_way" | "done" | "all";

export interface Address {
  name: string;
  phone: string;
  line1: string;
  line2: string | null;
  landmark: string | null;
  city: string;
  state: string;
  postal_code: string;
  country: string;
}

export interface Item {
  order_item_id: string;
  name: string;
  label: string;
  sku: string | null;
  image_url: string | null;
  quantity: number;
  unit_price_minor: number;
  discount_minor: number;
  total_minor: number;
  quantity_cancelled: number;
  quantity_packed: number;
  quantity_shipped: number;
  quantity_delivered: number;
  quantity_returned: number;
  /** Pieces that can go into a parcel now. */
  open: number;
}

export interface Line {
  order_item_id: string;
  quantity: number;
}

export interface Tracking {
  carrier: string | null;
  tracking_number: string | null;
  tracking_url: string | null;
}

export interface Shipment extends Tracking {
  id: string;
  status: "packed" | "shipped" | "delivered" | "returned";
  packed_at_ms: number;
  shipped_at_ms: number | null;
  delivered_at_ms: number | null;
  returned_at_ms: number | null;
  lines: readonly Line[];
  invoice_id: string | null;
}

export interface Invoice {
  id: string;
  number: string;
  document_type: "invoice" | "bill_of_supply" | "credit_note";
  issued_at_ms: number;
  total_minor: number;
}

export interface ListedInvoice extends Invoice {
  order_id: string;
  order_number: string;
}

export type ReturnStatus = "requested" | "approved" | "rejected" | "received" | "refunded" | "cancelled";

export interface ReturnLine {
  order_item_id: string;
  name: string;
  label: string;
  quantity: number;
  quantity_received: number;
  is_restocked: boolean;
}

export interface Return {
  id: string;
  return_number: string;
  status: ReturnStatus;
  reason: string;
  comment: string | null;
  decision_note: string | null;
  requested_at_ms: number;
  decided_at_ms: number | null;
  received_at_ms: number | null;
  /** Null on a return that was begun before its lines were kept. */
  lines: readonly ReturnLine[] | null;
}

export interface DeskReturn extends Return {
  order_id: string;
  order_number: string;
}

export interface Cash {
  status: "created" | "collected" | "remitted" | "returned" | "cancelled";
  /** Null when others have lines in the order: its cash is the courier's business then. */
  payment_id: string | null;
  amount_minor: number | null;
  /** It counts against the next payout. */
  is_with_wholesaler: boolean;
}

/** What of an order is this wholesaler's; nothing of the other lines is in it. */
export interface PartOrder {
  id: string;
  order_number: string;
  status: PartStatus;
  is_cash_on_delivery: boolean | null;
  /** Null when it is not cash on delivery. */
  cash: Cash | null;
  /** Paid, or to be paid in cash: it may be sent. */
  is_ready: boolean | null;
  placed_at_ms: number;
  address: Address;
  buyer_gstin: string | null;
  total_minor: number;
  items: readonly Item[];
  shipments: readonly Shipment[];
  invoices: readonly Invoice[];
  returns: readonly Return[];
}

export interface Counts {
  to_pack: number;
  packed: number;
  on_the_way: number;
  returns: number;
}

export interface OrderPage {
  orders: readonly PartOrder[];
  next: string | null;
  counts: Counts;
}

export type DeclineReason = "out_of_stock" | "damaged_stock" | "cannot_deliver_there" | "price_mistake" | "other";
export type ReturnShelf = "open" | "requested" | "approved" | "received" | "done";

interface OneOrder {
  order: PartOrder;
}

const page = (path: string, filters: Record<string, string>) => `${path}?${new URLSearchParams(filters)}`;

export const partOrders = (shelf: Shelf, after: string) => restAs<OrderPage>(page("/wholesaler/orders", { shelf, after }));
export const partOrder = (id: string) => restAs<OneOrder>(`/wholesaler/orders/${id}`);
/** id: of what is sent; the same twice is done once. */
export const pack = (order: string, id: string, lines: readonly Line[]) => restAs<OneOrder>(`/wholesaler/orders/${order}/pack`, { body: { id, lines } });
export const ship = (order: string, id: string, lines: readonly Line[], tracking: Tracking) =>
  restAs<OneOrder>(`/wholesaler/orders/${order}/ship`, { body: { id, lines, ...tracking } });
export const decline = (order: string, id: string, lines: readonly Line[], reason: DeclineReason) =>
  restAs<OneOrder>(`/wholesaler/orders/${order}/decline`, { body: { id, lines, reason } });

export type ParcelStep = "ship" | "unpack" | "tracking" | "deliver" | "return";
export const parcelStep = (shipment: string, step: ParcelStep, body: unknown = {}) => restAs<OneOrder>(`/shipments/${shipment}/${step}`, { body });

/** The wholesaler took the cash of the whole order at the door. */
export const tookCash = (payment: string) => restAs<{ collected: boolean }>(`/wholesaler/cod/${payment}/collected`, { body: {} });
export const returns = (status: ReturnShelf, after: string) =>
  restAs<{ returns: readonly DeskReturn[]; next: string | null }>(page("/wholesaler/returns", { status, after }));
export const decide = (id: string, step: "approve" | "reject", note: string) =>
  restAs<{ returned: DeskReturn }>(`/returns/${id}/${step}`, { body: note === "" ? {} : { note } });
export interface ReceivedLine {
  order_item_id: string;
  quantity_received: number;
  is_restocked: boolean;
}
export const receive = (id: string, lines: readonly ReceivedLine[]) => restAs<{ returned: DeskReturn }>(`/returns/${id}/receive`, { body: { lines } });

export const invoices = (after: string) =>
  restAs<{ invoices: readonly ListedInvoice[]; next: string | null }>(page("/wholesaler/invoices", { after }));
export const invoicePath = (order: string, invoice: string) => `/wholesaler/orders/${order}/invoices/${invoice}.pdf`;
