/** A customer's query in words: its state, and which clock runs. */
import type { QueryStatus } from "@/types/database";
import { help as words } from "../i18n/help.ts";
import { indiaTime } from "../i18n/india.ts";
import { language } from "../i18n/language.ts";
import { Icon } from "../ui/icon.tsx";
import type { MyQuery } from "./api.ts";
import { deadline } from "./deadline.ts";
import { ids } from "./testids.ts";
import { tones } from "./words.ts";

export function StatusTag({ status }: { status: QueryStatus }) {
  const t = words.value;
  const texts = { open: t.statusOpen, in_progress: t.statusInProgress, escalated: t.statusEscalated, resolved: t.statusResolved, closed: t.statusClosed };
  return <span class="tag" data-tone={tones[status]} data-status={status} data-testid={ids.status}>{texts[status]()}</span>;
}

function deadlineText(query: MyQuery, now_ms: number): { text: string; late: boolean } {
  const t = words.value;
  const time = (at_ms: number) => indiaTime(language.value, at_ms);
  const due = deadline(query, now_ms);
  switch (due.kind) {
    case "resolved":
      return { text: t.resolvedAt({ time: time(due.at_ms) }), late: false };
    case "closed":
      return { text: t.closedAt({ time: time(due.at_ms) }), late: false };
    case "solve":
      return { text: due.late ? t.solveLate({ solve: time(due.solve_ms) }) : t.solveBy({ solve: time(due.solve_ms) }), late: due.late };
    case "answer":
      return {
        text: due.late ? t.answerLate({ answer: time(due.answer_ms) }) : t.answerBy({ answer: time(due.answer_ms), solve: time(due.solve_ms) }),
        late: due.late,
      };
  }
}

export function DeadlineLine({ query }: { query: MyQuery }) {
  const { text, late } = deadlineText(query, Date.now());
  return <p class="deadline" data-late={late} data-testid={ids.deadline}><Icon name={late ? "warning" : "clock"} /><span>{text}</span></p>;
}
