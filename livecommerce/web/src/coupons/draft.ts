/** A coupon as it is typed, what is wrong with it, and what it becomes. */
import type { Coupon, CouponKind, Funder, Maker, NewCoupon } from "./api.ts";

/** As typed; `starts` and `ends` as a date field gives them, in the reader's zone. */
export interface Draft {
  code: string;
  title: string;
  kind: CouponKind;
  percent: string;
  amount: string;
  most: string;
  min_spend: string;
  quota: string;
  live_session_id: string;
  is_live_only: boolean;
  funded_by: Funder;
  starts: string;
  ends: string;
}

export type Fault = "code" | "title" | "percent" | "amount" | "most" | "min_spend" | "quota" | "session" | "ends";
export type Faults = Partial<Record<keyof Draft, Fault>>;

export const emptyDraft: Draft = {
  code: "", title: "", kind: "percent", percent: "", amount: "", most: "", min_spend: "", quota: "", live_session_id: "", is_live_only: false,
  funded_by: "platform", starts: "", ends: "",
};

const largest_minor = 10_000_000_00;

/** Paise of "1,299.50" or "₹500"; null for what is no amount of money. */
export function paise(text: string): number | null {
  const plain = text.replace(/[\s,₹]/g, "");
  const parts = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!parts) return null;
  const minor = Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
  return minor <= largest_minor ? minor : null;
}

/** Basis points of "12.5" or "12.5%"; null for what is no percentage up to 100. */
export function basisPoints(text: string): number | null {
  const parts = /^(\d{1,3})(?:\.(\d{1,2}))?%?$/.exec(text.replace(/\s/g, ""));
  if (!parts) return null;
  const bp = Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
  return bp >= 1 && bp <= 10_000 ? bp : null;
}

export function codeOf(text: string): string {
  return text.trim().toUpperCase();
}

export function faultsOf(draft: Draft, maker: Maker): Faults {
  const faults: Faults = {};
  if (!/^[A-Z0-9][A-Z0-9_-]{2,31}$/.test(codeOf(draft.code))) faults.code = "code";
  if (draft.title.trim() === "" || draft.title.trim().length > 200) faults.title = "title";
  if (draft.kind === "percent") {
    if (basisPoints(draft.percent) === null) faults.percent = "percent";
    if (!(paise(draft.most) ?? 0)) faults.most = "most";
  } else if (!(paise(draft.amount) ?? 0)) faults.amount = "amount";
  if (draft.min_spend.trim() !== "" && paise(draft.min_spend) === null) faults.min_spend = "min_spend";
  if (draft.quota.trim() !== "" && !/^[1-9]\d{0,7}$/.test(draft.quota.trim())) faults.quota = "quota";
  if (maker === "influencer" && draft.live_session_id === "") faults.live_session_id = "session";
  if (draft.ends !== "" && draft.starts !== "" && Date.parse(draft.ends) <= Date.parse(draft.starts)) faults.ends = "ends";
  return faults;
}

/** Only for a draft without faults. */
export function couponOf(draft: Draft, maker: Maker): NewCoupon {
  const percent = draft.kind === "percent";
  return {
    code: codeOf(draft.code),
    title: draft.title.trim(),
    kind: draft.kind,
    percent_bp: percent ? basisPoints(draft.percent) : null,
    amount_minor: percent ? null : paise(draft.amount),
    max_discount_minor: percent ? paise(draft.most) : null,
    min_spend_minor: paise(draft.min_spend) ?? 0,
    quota: draft.quota.trim() === "" ? null : Number(draft.quota.trim()),
    live_session_id: draft.live_session_id || null,
    wholesaler_id: null,
    is_live_only: draft.is_live_only,
    funded_by: maker === "admin" ? draft.funded_by : null,
    starts_at_ms: draft.starts === "" ? null : Date.parse(draft.starts),
    ends_at_ms: draft.ends === "" ? null : Date.parse(draft.ends),
  };
}

/** The server's names of fields, as they are called here. */
const fields: Partial<Record<keyof NewCoupon, keyof Draft>> = {
  code: "code", title: "title", percent_bp: "percent", amount_minor: "amount", max_discount_minor: "most", min_spend_minor: "min_spend", quota: "quota",
  live_session_id: "live_session_id", ends_at_ms: "ends",
};
const ofField: Partial<Record<keyof Draft, Fault>> = {
  code: "code", title: "title", percent: "percent", amount: "amount", most: "most", min_spend: "min_spend", quota: "quota", live_session_id: "session", ends: "ends",
};

/** What the server found wrong, by field of the form. */
export function faultsGiven(details: Readonly<Record<string, unknown>> | undefined): Faults {
  const names = Object.keys((details?.fields ?? {}) as object);
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = fields[name as keyof NewCoupon];
      return field ? [[field, ofField[field]]] : [];
    }),
  );
}

/** Whether it can still be used by anybody. */
export function canStop({ state }: Pick<Coupon, "state">): boolean {
  return state === "running" || state === "coming" || state === "used_up";
}
