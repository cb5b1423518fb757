/** The money desk of admins; shapes as the server's OpenAPI document gives them. */
import type { PayeeKind } from "../money/api.ts";
import { restAs } from "../wire/identity.ts";

export type PayoutStatus = "pending" | "paid" | "returned" | "cancelled";

export interface Payout {
  id: string;
  batch_id: string;
  payee_kind: PayeeKind;
  payee_id: string;
  payee_name: string;
  amount_minor: number;
  status: PayoutStatus;
  reference: string | null;
  reason: string | null;
  created_at_ms: number;
  paid_at_ms: number | null;
  ended_at_ms: number | null;
}

export interface Batch {
  id: string;
  created_at_ms: number;
  is_scheduled: boolean;
  payouts: number;
  amount_minor: number;
  paid: number;
  returned: number;
  pending: number;
}

export interface Payee {
  kind: PayeeKind;
  id: string;
  name: string;
  pending_minor: number;
  available_minor: number;
  /** Why the next payout run leaves them out; null when it pays them. */
  problem: string | null;
}

export interface Payment {
  payment_id: string;
  order_id: string;
  order_number: string;
  customer_name: string;
  provider: string;
  status: string;
  amount_minor: number;
  reference: string | null;
  customer_reference: string | null;
  /** Ours, which the transfer may carry. */
  upi_reference: string | null;
  created_at_ms: number;
  updated_at_ms: number;
  order_status: string;
  note: string | null;
}

export interface Refund {
  refund_id: string;
  order_number: string;
  amount_minor: number;
  method: string;
  status: "pending" | "failed" | "succeeded";
  provider: string;
  /** Somebody has to send the money; no provider does. */
  is_manual: boolean;
  /** Of a payment that came twice; the order itself stays paid. */
  is_reversal: boolean;
  reason: string | null;
  note: string | null;
  created_at_ms: number;
}

export type EventState = "new" | "waiting" | "unknown" | "mismatch" | "applied" | "ignored" | "failed";

export interface PaymentEvent {
  event_id: string;
  inbox_id: number;
  provider: string;
  kind: string;
  provider_kind: string;
  state: EventState;
  reference: string | null;
  order_number: string | null;
  amount_minor: number | null;
  received_at_ms: number;
  note: string | null;
}

export interface LedgerAccount {
  name: string;
  provider: string;
  accounts: number;
  balance_minor: number;
}

interface Next {
  next: string | null;
}

const page = <T>(path: string, filters: Record<string, string>) => restAs<T & Next>(`/admin/${path}?${new URLSearchParams(filters)}`);
const post = <T>(path: string, body: unknown) => restAs<T>(`/admin/${path}`, { body });

export const batches = (after: string) => page<{ batches: readonly Batch[] }>("payout-batches", { after });
/** id: made here; sent twice, it is one run. */
export const makeBatch = (id: string) => post<{ batch: Batch }>("payout-batches", { id });
export const batchFile = (id: string) => `/admin/payout-batches/${id}.csv`;
export const payouts = (status: PayoutStatus | "all", batch_id: string, after: string) => page<{ payouts: readonly Payout[] }>("payouts", { status, batch_id, after });
export const markPaid = (id: string, reference: string) => post<{ payout: Payout }>(`payouts/${id}/paid`, { reference });
export const endPayout = (id: string, step: "returned" | "cancel", reason: string) => post<{ payout: Payout }>(`payouts/${id}/${step}`, { reason });
export const payees = (after: string) => page<{ payees: readonly Payee[] }>("payees", { after });
export const adjust = (kind: PayeeKind, payee: string, id: string, amount_minor: number, reason: string) =>
  post<{ payee: Payee }>(`payees/${kind}/${payee}/adjust`, { id, amount_minor, reason });

export type CodStatus = "created" | "collected" | "remitted" | "returned";
export const cod = (status: CodStatus, after: string) => page<{ payments: readonly Payment[] }>("cod", { status, after });
export const codCollected = (id: string) => post<{ payment: Payment }>(`cod/${id}/collected`, {});
export const codRemitted = (payment_ids: readonly string[], reference: string) => post<{ remitted: number }>("cod/remitted", { payment_ids, reference });

export const upiPayments = (after: string) => page<{ payments: readonly Payment[] }>("upi-payments", { after });
export const confirmUpi = (id: string, reference: string, amount_minor: number) => post<{ payment: Payment }>(`upi-payments/${id}/confirm`, { reference, amount_minor });
export const rejectUpi = (id: string, reason: string) => post<{ payment: Payment }>(`upi-payments/${id}/reject`, { reason: reason || null });

export const refunds = (status: Refund["status"], after: string) => page<{ refunds: readonly Refund[] }>("refunds", { status, after });
export const refundDone = (id: string, reference: string) => post<{ refund: Refund }>(`refunds/${id}/done`, { reference });
export const retryRefund = (id: string) => post<{ refund: Refund }>(`refunds/${id}/retry`, {});

export const paymentEvents = (state: EventState, after: string) =>
  page<{ events: readonly PaymentEvent[]; counts: Partial<Record<EventState, number>> }>("payment-events", { state, after });
export const eventDone = (inbox_id: number, note: string) => post<{ event: PaymentEvent }>(`payment-events/${inbox_id}/done`, { note });
export const retryEvent = (inbox_id: number) => post<{ event: PaymentEvent }>(`payment-events/${inbox_id}/retry`, {});
export const ledger = () => restAs<{ accounts: readonly LedgerAccount[]; is_balanced: boolean }>("/admin/ledger");
