/** What a wholesaler or influencer has earned; shapes as the server's OpenAPI document gives them. */
import { restAs } from "../wire/identity.ts";

export type PayeeKind = "wholesaler" | "influencer";
export type Account = "all" | "pending" | "available";

export interface Balances {
  pending_minor: number;
  available_minor: number;
  paid_out_minor: number;
  /** Claimed by payouts that the bank has not confirmed yet. */
  on_its_way_minor: number;
  hold_days: number;
  minimum_payout_minor: number;
}

/** How the price of a whole item was shared out when it was sold; all that is subtracted from paid_minor adds up to it. */
export interface Breakdown {
  paid_minor: number;
  base_minor: number;
  tax_minor: number;
  fee_bp: number;
  fee_minor: number;
  fee_gst_bp: number;
  fee_gst_minor: number;
  commission_bp: number;
  commission_minor: number;
  cut_bp: number;
  cut_minor: number;
  tcs_bp: number;
  tcs_minor: number;
  tds_bp: number;
  tds_minor: number;
  discount_minor: number;
  funded_by: string | null;
  wholesaler_minor: number;
}

export interface StatementLine {
  id: string;
  at_ms: number;
  account: "pending" | "available";
  kind: string;
  part: string;
  amount_minor: number;
  /** Of its account, afterwards. */
  balance_minor: number;
  order_id: string | null;
  order_number: string | null;
  product_name: string | null;
  quantity: number | null;
  note: string | null;
  available_from_ms: number | null;
  payout_id: string | null;
  breakdown: Breakdown | null;
}

export interface Statement {
  balances: Balances;
  lines: readonly StatementLine[];
  next: string | null;
}

/** `of`: "/wholesaler", "/influencer", or for admins "/admin/payees/<kind>/<id>". */
export const statement = (of: string, account: Account, after: string) =>
  restAs<Statement>(`${of}/statement?${new URLSearchParams({ account, after })}`);
export const statementFile = (of: string, month: string) => `${of}/statement.csv?month=${month}`;
