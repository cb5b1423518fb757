/** What the payment screen shows of an order that is to be paid. */
import type { Payment } from "./api.ts";

export type Stage =
  /** Nothing is under way: a method is chosen. */
  | "choose"
  /** The provider is being asked for what the customer needs to pay. */
  | "preparing"
  /** QR and link are there. */
  | "scan"
  /** The customer has paid, or may have: nobody pays again before it is known. */
  | "checking"
  /** The provider's own page takes over. */
  | "leave"
  | "paid"
  /** Paid on delivery from now on. */
  | "cash"
  | "over";

/** opened: the customer went to an app with the link of this payment, or to the provider's page. now_ms: by the server's clock. */
export function stageOf(payment: Payment, opened: boolean, now_ms: number): Stage {
  if (!["pending", "failed"].includes(payment.payment_status)) return "paid";
  if (payment.order_status === "cancelled") return "over";
  if (payment.provider === "cod" && payment.status === "created") return "cash";
  const open = payment.status === "created" || payment.status === "pending";
  const isLate = payment.pay_until_ms !== null && now_ms >= payment.pay_until_ms;
  // Money that left in time may still arrive: what was begun is looked after until the server closes it.
  if (open && leaves.includes(payment.provider) && (opened || (payment.upi !== null && payment.upi.customer_reference !== null))) return "checking";
  if (isLate || (!payment.is_payable && !open)) return "over";
  if (!open || !isPossible(payment)) return "choose";
  if (payment.upi) return "scan";
  if (payment.razorpay || payment.stripe) return "leave";
  return payment.status === "created" ? "preparing" : "checking";
}

/** With these one pays elsewhere: in an app, or on the provider's page. */
const leaves: readonly string[] = ["upi", "stripe", "razorpay"];

/** What the server does not take will never be prepared. */
function isPossible({ provider, status, methods }: Payment): boolean {
  return status !== "created" || methods.some((method) => method === provider);
}

/** Whether the screen asks the server again by itself. */
export const isWaiting = (stage: Stage): boolean => stage === "preparing" || stage === "scan" || stage === "checking" || stage === "leave";

/** The reference that UPI apps show for a payment (UTR): twelve digits, typed with whatever between them. */
export function referenceOf(typed: string): string | null {
  const digits = typed.replace(/[\s-]/g, "");
  return /^\d{12}$/.test(digits) ? digits : null;
}

export function upiIdOf(typed: string): string | null {
  const id = typed.trim().toLowerCase();
  return /^[a-z0-9._-]{2,64}@[a-z][a-z0-9]{1,31}$/.test(id) ? id : null;
}
