import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { QueryPriority } from "@/types/database";
import { common } from "../i18n/common.ts";
import { desk as words } from "../i18n/desk.ts";
import { LoadFailed } from "../site/shell.tsx";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { longestMessage, staffQuery, work, type Message, type StaffThread, type Work } from "./api.ts";
import { Attempts } from "./attempt.ts";
import { assignedText, Clock, deskSentence, priorities, priorityText, StatusTag, time } from "./desk-words.tsx";
import { useLoaded } from "./loaded.ts";
import { follow, list } from "./place.ts";
import { StaffActions } from "./staff-actions.tsx";
import { ids } from "./testids.ts";
import { Thread } from "./thread.tsx";
import { categoryText } from "./words.ts";

/** Does one thing to the query; the refusal, or null when it is done and shown. */
export type Do = (what: Work, body: unknown, said?: string) => Promise<Refusal | null>;

export function StaffQueryView({ id }: { id: string }) {
  const t = words.value;
  const loaded = useLoaded(id, () => staffQuery(id));
  const query = loaded.value.value?.query;
  const act: Do = async (what, body, said) => {
    const answer = await work(id, what, body);
    if (answer.ok) {
      loaded.put(answer.ok);
      if (said) toast(said);
    } else if (answer.refused.code === "query.closed" || answer.refused.code === "query.wrong_state") void loaded.load();
    return answer.refused ?? null;
  };
  return (
    <>
      <a class="back-link" {...follow(list)}><Icon name="back" />{t.backToList()}</a>
      {loaded.refusal.value ? <LoadFailed text={deskSentence(loaded.refusal.value)} onRetry={() => void loaded.load()} /> : null}
      {query ? <Found query={query} act={act} /> : loaded.refusal.value ? null : <p class="working" role="status"><span class="spinner" />{common.value.loading()}</p>}
    </>
  );
}

function Found({ query, act }: { query: StaffThread; act: Do }) {
  const t = words.value;
  const opening = { id: query.id, author: "customer", body: query.message, at_ms: query.created_at_ms } as const;
  const name = query.customer_name || t.customer();
  const nameOf = (message: Message) => (message.author === "customer" ? name : t.support());
  return (
    <div class="desk">
      <div class="query-head desk-head">
        <h1 dir="auto">{query.subject}</h1>
        <p class="query-facts"><span data-testid={ids.ticket}>{query.ticket_number}</span><StatusTag status={query.status} /><Clock query={query} now_ms={Date.now()} /></p>
        <StaffActions query={query} act={act} />
      </div>
      <div class="desk-thread">
        <Thread opening={opening} messages={query.messages} mine="support" nameOf={nameOf} />
        {query.status === "closed" ? null : <AnswerForm query={query} act={act} />}
      </div>
      <aside class="desk-side">
        <Contact query={query} />
        <Facts query={query} act={act} />
        <Notes query={query} act={act} />
      </aside>
    </div>
  );
}

function AnswerForm({ query, act }: { query: StaffThread; act: Do }) {
  const t = words.value;
  const text = useSignal("");
  const error = useSignal<string | undefined>(undefined);
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const area = useRef<HTMLTextAreaElement | null>(null);

  async function send(what: "respond" | "resolve", said: string): Promise<void> {
    const body = text.value.trim();
    refusal.value = null;
    error.value = body === "" ? t.errAnswer() : body.length > longestMessage ? t.errTooLong({ max: longestMessage }) : undefined;
    if (error.value) return area.current?.focus();
    working.value = true;
    refusal.value = await act(what, { id: attempts.current.idOf(body), body }, said);
    working.value = false;
    if (refusal.value) return;
    attempts.current.done();
    text.value = "";
  }

  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); if (!working.value) void send("respond", t.answered()); }}>
      <Field label={t.answer()} error={error.value}>
        {(described) => (
          <textarea ref={area} {...described} rows={5} dir="auto" value={text.value} data-testid={ids.answer}
            onInput={(event) => { text.value = event.currentTarget.value; error.value = undefined; }} />
        )}
      </Field>
      {refusal.value ? <p class="callout callout-bad" role="alert">{deskSentence(refusal.value)}</p> : null}
      <div class="actions">
        <button type="submit" class="button button-primary" data-testid={ids.sendAnswer} aria-disabled={working.value}>{t.sendAnswer()}</button>
        {query.status === "resolved" ? null : (
          <button type="button" class="button button-quiet" data-testid={ids.sendResolve} aria-disabled={working.value}
            onClick={() => { if (!working.value) void send("resolve", t.isResolved({ ticket: query.ticket_number })); }}>{t.sendResolve()}</button>
        )}
      </div>
    </form>
  );
}

function Contact({ query }: { query: StaffThread }) {
  const t = words.value;
  return (
    <section class="panel" aria-labelledby="contact">
      <h2 id="contact">{t.customer()}</h2>
      <dl class="facts">
        <div><dt>{t.name()}</dt><dd>{query.customer_name || t.noCustomer()}</dd></div>
        {query.customer_email ? <div><dt>{t.email()}</dt><dd><a href={`mailto:${query.customer_email}`}>{query.customer_email}</a></dd></div> : null}
        {query.customer_phone ? <div><dt>{t.phone()}</dt><dd><a href={`tel:${query.customer_phone}`}>{query.customer_phone}</a></dd></div> : null}
        {query.order_number ? <div><dt>{t.order()}</dt><dd>{query.order_id ? <a href={`/admin/orders?order=${query.order_id}`} data-testid={ids.order}>{query.order_number}</a> : query.order_number}</dd></div> : null}
      </dl>
    </section>
  );
}

function Facts({ query, act }: { query: StaffThread; act: Do }) {
  const t = words.value;
  const refusal = useSignal<Refusal | null>(null);
  const clocks: [string, number | null, number | null][] = [
    [t.opened(), query.created_at_ms, null],
    [t.acknowledged(), query.acknowledged_at_ms, query.ack_due_at_ms],
    [t.firstResponse(), query.first_response_at_ms, null],
    [t.escalatedAt(), query.escalated_at_ms, null],
    [t.solved(), query.status === "closed" ? null : query.resolved_at_ms, query.redress_due_at_ms],
    [t.closedOn(), query.closed_at_ms, null],
  ];
  const shown = (at_ms: number | null, due_ms: number | null, label: string): string | null => {
    if (at_ms === null) return due_ms === null || query.status === "closed" ? null : t.by({ time: time(due_ms) });
    return label === t.solved() && query.resolution_time_hours !== null ? t.hours({ time: time(at_ms), hours: query.resolution_time_hours }) : time(at_ms);
  };
  return (
    <section class="panel" aria-labelledby="facts">
      <h2 id="facts">{t.facts()}</h2>
      <dl class="facts">
        <div><dt>{t.category()}</dt><dd>{categoryText(query.category)}</dd></div>
        <div><dt>{t.assigned()}</dt><dd>{assignedText(query)}</dd></div>
      </dl>
      <Field label={t.priority()} error={refusal.value ? deskSentence(refusal.value) : undefined}>
        {(described) => (
          <select {...described} value={query.priority} disabled={query.status === "closed"} data-testid={ids.priority}
            onChange={(event) => void act("priority", { priority: event.currentTarget.value as QueryPriority }).then((refused) => { refusal.value = refused; })}>
            {priorities.map((priority) => <option key={priority} value={priority}>{priorityText(priority)}</option>)}
          </select>
        )}
      </Field>
      <h3>{t.clocks()}</h3>
      <dl class="clocks">
        {clocks.map(([label, at_ms, due_ms]) => {
          const text = shown(at_ms, due_ms, label);
          return text === null ? null : <div key={label}><dt>{label}</dt><dd data-due={at_ms === null}>{text}</dd></div>;
        })}
      </dl>
    </section>
  );
}

function Notes({ query, act }: { query: StaffThread; act: Do }) {
  const t = words.value;
  const text = useSignal("");
  const error = useSignal<string | undefined>(undefined);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const area = useRef<HTMLTextAreaElement | null>(null);

  async function add(): Promise<void> {
    const body = text.value.trim();
    error.value = body === "" ? t.errNote() : body.length > longestMessage ? t.errTooLong({ max: longestMessage }) : undefined;
    if (error.value) return area.current?.focus();
    working.value = true;
    const refusal = await act("notes", { id: attempts.current.idOf(body), body }, t.noted());
    working.value = false;
    if (refusal) {
      error.value = deskSentence(refusal);
      return;
    }
    attempts.current.done();
    text.value = "";
  }

  return (
    <section class="panel" aria-labelledby="notes">
      <div><h2 id="notes">{t.notes()}</h2><p class="quiet">{t.notesHint()}</p></div>
      {query.notes.length > 0 ? (
        <ul class="notes">
          {query.notes.map((note) => <li key={note.id} data-testid={ids.staffNote}><p class="quiet">{time(note.at_ms)}</p><p class="message-body" dir="auto">{note.body}</p></li>)}
        </ul>
      ) : null}
      <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); if (!working.value) void add(); }}>
        <Field label={t.noteLabel()} error={error.value}>
          {(described) => (
            <textarea ref={area} {...described} rows={2} dir="auto" value={text.value} data-testid={ids.note}
              onInput={(event) => { text.value = event.currentTarget.value; error.value = undefined; }} />
          )}
        </Field>
        <button type="submit" class="button button-quiet" data-testid={ids.addNote} aria-disabled={working.value}>{t.addNote()}</button>
      </form>
    </section>
  );
}
