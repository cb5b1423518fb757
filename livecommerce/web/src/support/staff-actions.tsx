/** What an admin does to a query beside answering; what cannot be taken back asks first. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { desk as words } from "../i18n/desk.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { longestMessage, type StaffThread, type Work } from "./api.ts";
import { Attempts } from "./attempt.ts";
import { deskSentence } from "./desk-words.tsx";
import type { Do } from "./staff-query.tsx";
import { ids } from "./testids.ts";

export function StaffActions({ query, act }: { query: StaffThread; act: Do }) {
  const t = words.value;
  const asking = useSignal<"escalate" | "close" | null>(null);
  const reason = useSignal("");
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const ticket = query.ticket_number;
  const isDone = query.status === "resolved" || query.status === "closed";

  async function run(what: Work, body: unknown, said: string): Promise<void> {
    if (working.value) return;
    working.value = true;
    refusal.value = await act(what, body, said);
    working.value = false;
    if (!refusal.value) asking.value = null;
  }
  const ask = (what: "escalate" | "close") => { refusal.value = null; asking.value = what; };
  const escalate = () => {
    const given = reason.value.trim().slice(0, longestMessage);
    return run("escalate", given === "" ? {} : { id: attempts.current.idOf(given), reason: given }, t.isEscalated({ ticket }));
  };
  const refused = refusal.value ? <p class="callout callout-bad" role="alert">{deskSentence(refusal.value)}</p> : null;

  if (query.status === "closed") return null;
  return (
    <>
      <div class="actions">
        {query.is_mine ? (
          <button type="button" class="button button-quiet" data-testid={ids.assign} onClick={() => void run("assign", { to: "nobody" }, t.isBack({ ticket }))}>{t.giveBack()}</button>
        ) : (
          <button type="button" class="button button-primary" data-testid={ids.assign} onClick={() => void run("assign", { to: "me" }, t.isMine({ ticket }))}>{t.assign()}</button>
        )}
        {isDone ? null : <button type="button" class="button button-quiet" data-testid={ids.resolve} onClick={() => void run("resolve", {}, t.isResolved({ ticket }))}>{t.resolve()}</button>}
        {isDone || query.status === "escalated" ? null : <button type="button" class="button button-quiet" data-testid={ids.escalate} onClick={() => ask("escalate")}>{t.escalate()}…</button>}
        <button type="button" class="button button-quiet" data-testid={ids.close} onClick={() => ask("close")}>{t.close()}…</button>
      </div>
      {asking.value === null ? refused : null}
      {asking.value === "escalate" ? (
        <Confirm title={t.escalateTitle({ ticket })} text={t.escalateText()} keep={t.keep()} action={t.escalate()} busy={working.value}
          testid={ids.confirmEscalate} onClose={() => { asking.value = null; }} onConfirm={() => void escalate()}>
          <Field label={t.reason()} optional={t.optional()}>
            {(described) => <textarea {...described} rows={3} dir="auto" value={reason.value} onInput={(event) => { reason.value = event.currentTarget.value; }} />}
          </Field>
          {refused}
        </Confirm>
      ) : null}
      {asking.value === "close" ? (
        <Confirm title={t.closeTitle({ ticket })} text={t.closeText()} keep={t.keep()} action={t.close()} danger busy={working.value}
          testid={ids.confirmClose} onClose={() => { asking.value = null; }} onConfirm={() => void run("close", {}, t.isClosed({ ticket }))}>
          {refused}
        </Confirm>
      ) : null}
    </>
  );
}
