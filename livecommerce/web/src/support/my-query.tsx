import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { help as words } from "../i18n/help.ts";
import { LoadFailed } from "../site/shell.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { newId } from "../wire/id.ts";
import type { Refusal, Reply } from "../wire/rest.ts";
import { closeMine, longestMessage, myQuery, reply, type MyThread } from "./api.ts";
import { Attempts } from "./attempt.ts";
import { useLoaded } from "./loaded.ts";
import { DeadlineLine, StatusTag } from "./my-words.tsx";
import { follow, list } from "./place.ts";
import { ids } from "./testids.ts";
import { Thread } from "./thread.tsx";
import { categoryText, sentence } from "./words.ts";

type Done = (answer: Reply<{ query: MyThread }>) => Refusal | null;

export function MyQueryView({ id }: { id: string }) {
  const t = words.value;
  const loaded = useLoaded(id, () => myQuery(id));
  const query = loaded.value.value?.query;
  /** Show what a call has answered; what it was refused with stays with who made it. */
  const done: Done = (answer) => {
    if (answer.ok) loaded.put(answer.ok);
    else if (answer.refused.code === "query.closed") void loaded.load();
    return answer.refused ?? null;
  };
  return (
    <div class="help-narrow">
      <a class="back-link" {...follow(list)}><Icon name="back" />{t.backToList()}</a>
      {loaded.refusal.value ? <LoadFailed text={sentence(loaded.refusal.value)} onRetry={() => void loaded.load()} /> : null}
      {query ? <Found query={query} done={done} /> : loaded.refusal.value ? null : <p class="working" role="status"><span class="spinner" />{common.value.loading()}</p>}
    </div>
  );
}

function Found({ query, done }: { query: MyThread; done: Done }) {
  const t = words.value;
  const opening = { id: query.id, author: "customer", body: query.message, at_ms: query.created_at_ms } as const;
  return (
    <>
      <div class="query-head">
        <h1 dir="auto">{query.subject}</h1>
        <p class="query-facts">
          <span data-testid={ids.ticket}>{query.ticket_number}</span>
          <span>{query.order_number ? t.about({ number: query.order_number }) : categoryText(query.category)}</span>
          <StatusTag status={query.status} />
        </p>
        <DeadlineLine query={query} />
      </div>
      <Thread opening={opening} messages={query.messages} mine="customer" nameOf={(message) => (message.author === "customer" ? t.you() : t.support())} />
      {query.status === "closed" ? (
        <div class="callout"><span>{t.closedText()}</span><a class="button button-quiet button-small" {...follow({ query: null, about: query.order_id ?? "" })}>{t.newQuery()}</a></div>
      ) : (
        <>
          <ReplyForm query={query} done={done} />
          <CloseButton query={query} done={done} />
        </>
      )}
    </>
  );
}

function ReplyForm({ query, done }: { query: MyThread; done: Done }) {
  const t = words.value;
  const text = useSignal("");
  const error = useSignal<string | undefined>(undefined);
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const area = useRef<HTMLTextAreaElement | null>(null);

  async function submit(): Promise<void> {
    const body = text.value.trim();
    refusal.value = null;
    error.value = body === "" ? t.errMessage() : body.length > longestMessage ? t.errTooLong({ max: longestMessage }) : undefined;
    if (error.value) return area.current?.focus();
    working.value = true;
    refusal.value = done(await reply(query.id, attempts.current.idOf(body), body));
    working.value = false;
    if (refusal.value) return;
    attempts.current.done();
    text.value = "";
  }

  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); if (!working.value) void submit(); }}>
      <Field label={t.reply()} error={error.value}>
        {(described) => (
          <textarea ref={area} {...described} rows={4} dir="auto" value={text.value} data-testid={ids.reply}
            onInput={(event) => { text.value = event.currentTarget.value; error.value = undefined; }} />
        )}
      </Field>
      {refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(refusal.value)}</p> : null}
      <div class="actions"><button type="submit" class="button button-primary" data-testid={ids.replySend} aria-disabled={working.value}>{working.value ? t.sending() : t.send()}</button></div>
    </form>
  );
}

function CloseButton({ query, done }: { query: MyThread; done: Done }) {
  const t = words.value;
  const asking = useSignal(false);
  const working = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  async function close(): Promise<void> {
    working.value = true;
    refusal.value = done(await closeMine(query.id));
    working.value = false;
    if (!refusal.value) asking.value = false;
  }
  return (
    <>
      <button type="button" class="link-button close-query" data-testid={ids.close} onClick={() => { refusal.value = null; asking.value = true; }}>{t.close()}</button>
      {asking.value ? (
        <Confirm title={t.closeTitle({ ticket: query.ticket_number })} text={t.closeText()} keep={t.closeKeep()} action={t.close()} danger busy={working.value}
          testid={ids.confirmClose} onClose={() => { asking.value = false; }} onConfirm={() => void close()}>
          {refusal.value ? <p class="callout callout-bad" role="alert">{sentence(refusal.value)}</p> : null}
        </Confirm>
      ) : null}
    </>
  );
}
