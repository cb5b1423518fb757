/** A query in the words of those who answer it. */
import type { QueryPriority, QueryStatus } from "@/types/database";
import { desk as words } from "../i18n/desk.ts";
import { indiaTime } from "../i18n/india.ts";
import { language } from "../i18n/language.ts";
import type { Refusal } from "../wire/rest.ts";
import type { QueuedQuery } from "./api.ts";
import { deadline } from "./deadline.ts";
import { ids } from "./testids.ts";
import { sentence, tones } from "./words.ts";

export function statusText(status: QueryStatus): string {
  const t = words.value;
  return { open: t.open, in_progress: t.inProgress, escalated: t.escalated, resolved: t.resolved, closed: t.closed }[status]();
}

export function StatusTag({ status }: { status: QueryStatus }) {
  return <span class="tag" data-tone={tones[status]} data-status={status} data-testid={ids.status}>{statusText(status)}</span>;
}

export const priorities: readonly QueryPriority[] = ["low", "medium", "high", "urgent"];

export function priorityText(priority: QueryPriority): string {
  const t = words.value;
  return { low: t.low, medium: t.medium, high: t.high, urgent: t.urgent }[priority]();
}

export function assignedText(query: Pick<QueuedQuery, "assigned_to" | "is_mine">): string {
  const t = words.value;
  return query.is_mine ? t.you() : query.assigned_to ? t.colleague() : t.nobody();
}

export const time = (at_ms: number) => indiaTime(language.value, at_ms);

/** The clock that runs, marked by the server: late, near its end, or neither. */
export function Clock({ query, now_ms }: { query: QueuedQuery; now_ms: number }) {
  const mark = query.is_ack_overdue || query.is_redress_overdue ? "late" : query.is_redress_near ? "near" : undefined;
  return <span class="clock" data-mark={mark} data-testid={ids.deadline}>{clockText(query, now_ms)}</span>;
}

function clockText(query: QueuedQuery, now_ms: number): string {
  const t = words.value;
  const due = deadline(query, now_ms);
  switch (due.kind) {
    case "resolved":
      return t.resolvedAt({ time: time(due.at_ms) });
    case "closed":
      return t.closedAt({ time: time(due.at_ms) });
    case "solve":
      return due.late ? t.solveLate({ time: time(due.solve_ms) }) : t.solveBy({ time: time(due.solve_ms) });
    case "answer":
      return due.late ? t.answerLate({ time: time(due.answer_ms) }) : t.answerBy({ time: time(due.answer_ms) });
  }
}

export function deskSentence(refusal: Refusal): string {
  const t = words.value;
  switch (refusal.code) {
    case "query.closed":
      return t.alreadyClosed();
    case "query.wrong_state":
      return t.wrongState();
    case "query.not_found":
      return t.notFound();
    default:
      return sentence(refusal);
  }
}
