/** From what the customer paid to what one of the two receives, step by step; the steps add up to the end, to the paisa. */
import type { Breakdown, PayeeKind } from "./api.ts";

export type StepKind = "paid" | "tax" | "base" | "fee" | "fee_gst" | "commission" | "tcs" | "tds" | "cut" | "rest";

export interface Step {
  kind: StepKind;
  amount_minor: number;
  /** In basis points of the price without tax (fee_gst: of the fee; cut: of the commission). */
  rate_bp: number | null;
}

export interface Explained {
  /** The first counts fully, each of the others is added (most are below zero). */
  steps: readonly Step[];
  result_minor: number;
}

const minus = (kind: StepKind, amount_minor: number, rate_bp: number | null): Step => ({ kind, amount_minor: -amount_minor, rate_bp });

export function explained(kind: PayeeKind, split: Breakdown): Explained {
  return kind === "wholesaler" ? ofWholesaler(split) : ofInfluencer(split);
}

/** GST stays within it: the wholesaler owes it to the state himself. */
function ofWholesaler(split: Breakdown): Explained {
  return withRest(
    [
      { kind: "paid", amount_minor: split.paid_minor, rate_bp: null },
      minus("fee", split.fee_minor, split.fee_bp),
      minus("fee_gst", split.fee_gst_minor, split.fee_gst_bp),
      minus("commission", split.commission_minor, split.commission_bp),
      minus("tcs", split.tcs_minor, split.tcs_bp),
      minus("tds", split.tds_minor, split.tds_bp),
    ],
    split.wholesaler_minor,
  );
}

function ofInfluencer(split: Breakdown): Explained {
  return withRest(
    [{ kind: "commission", amount_minor: split.commission_minor, rate_bp: split.commission_bp }, minus("cut", split.cut_minor, split.cut_bp)],
    split.commission_minor - split.cut_minor,
  );
}

/** Steps of nothing are left out; whatever the known steps do not explain is shown, not hidden. */
function withRest(steps: readonly Step[], result_minor: number): Explained {
  const rest = result_minor - steps.reduce((sum, step) => sum + step.amount_minor, 0);
  const shown = steps.filter((step, at) => at === 0 || step.amount_minor !== 0);
  return { steps: rest === 0 ? shown : [...shown, { kind: "rest", amount_minor: rest, rate_bp: null }], result_minor };
}
