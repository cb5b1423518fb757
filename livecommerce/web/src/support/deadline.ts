/** Which of its clocks a query stands under, as both sides of support show it. */
import type { Query } from "./api.ts";

export type Deadline =
  | { kind: "answer"; late: boolean; answer_ms: number; solve_ms: number }
  | { kind: "solve"; late: boolean; solve_ms: number }
  | { kind: "resolved" | "closed"; at_ms: number };

type Clocks = Pick<Query, "status" | "ack_due_at_ms" | "acknowledged_at_ms" | "redress_due_at_ms" | "resolved_at_ms" | "updated_at_ms"> & { closed_at_ms?: number | null };

/** The month of redress outweighs the two days of the first answer once it has passed. */
export function deadline(query: Clocks, now_ms: number): Deadline {
  if (query.status === "resolved") return { kind: "resolved", at_ms: query.resolved_at_ms ?? query.updated_at_ms };
  if (query.status === "closed") return { kind: "closed", at_ms: query.closed_at_ms ?? query.resolved_at_ms ?? query.updated_at_ms };
  const solve_ms = query.redress_due_at_ms;
  if (query.acknowledged_at_ms !== null || now_ms > solve_ms) return { kind: "solve", late: now_ms > solve_ms, solve_ms };
  return { kind: "answer", late: now_ms > query.ack_due_at_ms, answer_ms: query.ack_due_at_ms, solve_ms };
}
