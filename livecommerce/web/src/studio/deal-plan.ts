/** What an influencer typed about a deal, and the deal that it means. Pure. */
import type { DealStart } from "../wire/contract.gen.ts";

export interface DealDraft {
  price: string;
  minutes: string;
  starts_in_s: string;
  variant_id: string;
  total: string;
  customer: string;
  is_set_aside: boolean;
}

export const emptyPlan: DealDraft = { price: "", minutes: "5", starts_in_s: "0", variant_id: "", total: "", customer: "", is_set_aside: false };

export interface DealFault {
  field: "price" | "minutes" | "total" | "customer";
  least: number;
  most: number;
}

export type DealTerms = Omit<DealStart, "id" | "live_session_id" | "product_id">;

/** Paise of "1,299.50", with or without the sign; null for what is no price. */
export function paise(typed: string): number | null {
  const cleaned = typed.replace(/[₹,\s]/g, "");
  if (!/^\d{1,8}(\.\d{1,2})?$/.test(cleaned)) return null;
  const [rupees, rest = ""] = cleaned.split(".");
  return Number(rupees) * 100 + Number(rest.padEnd(2, "0"));
}

/** usual_minor: what the cheapest variant that it covers costs without it. */
export function dealPlan(draft: DealDraft, usual_minor: number): { terms: DealTerms; faults: readonly DealFault[] } {
  const faults: DealFault[] = [];
  const price_minor = paise(draft.price) ?? 0;
  if (price_minor < 1 || price_minor >= usual_minor) faults.push({ field: "price", least: 1, most: usual_minor - 1 });
  const whole = (field: DealFault["field"], typed: string, least: number, most: number): number => {
    const value = /^\d{1,7}$/.test(typed.trim()) ? Number(typed) : NaN;
    if (!(value >= least && value <= most)) faults.push({ field, least, most });
    return value;
  };
  const minutes = whole("minutes", draft.minutes, 1, 360);
  const total_limit = draft.total.trim() === "" ? null : whole("total", draft.total, 1, 1_000_000);
  const customer_limit = draft.customer.trim() === "" ? null : whole("customer", draft.customer, 1, 1_000);
  return {
    faults,
    terms: {
      price_minor, duration_s: minutes * 60, starts_in_s: Number(draft.starts_in_s), variant_id: draft.variant_id || null,
      total_limit, customer_limit, is_set_aside: draft.is_set_aside && total_limit !== null && draft.variant_id !== "",
    },
  };
}
