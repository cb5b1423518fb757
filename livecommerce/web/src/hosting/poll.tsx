/** A poll: asked in a form, watched while it runs, closed after a question. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { hosting as words } from "../i18n/hosting.ts";
import { together } from "../i18n/together.ts";
import { isPollOver } from "../live/engagement-state.ts";
import { engagementRefusal } from "../live/engagement-refusal.ts";
import type { Store } from "../live/store.ts";
import { TimeLeft } from "../live/ui/card.tsx";
import { useServerTime } from "../live/ui/deals.tsx";
import { PollOptions } from "../live/ui/poll.tsx";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import type { Poll } from "../wire/contract.gen.ts";
import { newId } from "../wire/id.ts";
import "../style/together.css";
import { minuteChoices, Minutes } from "./minutes.tsx";
import { hostingIds as ids } from "./testids.ts";

const options_max = 4;

export function PollDesk({ store }: { store: Store }) {
  const { poll } = store.state.value.engagement;
  const runs = poll !== null && !isPollOver(poll, useServerTime(store, poll !== null && poll.closed_at_ms === null));
  return (
    <>
      {poll ? <Result store={store} poll={poll} runs={runs} /> : null}
      {runs ? null : <PollForm store={store} />}
    </>
  );
}

function Result({ store, poll, runs }: { store: Store; poll: Poll; runs: boolean }) {
  const t = words.value;
  const sure = useSignal(false);
  const busy = useSignal(false);
  const close = async () => {
    if (busy.value) return;
    busy.value = true;
    const answer = await store.connection.call("poll.close", { live_session_id: store.id, poll_id: poll.id });
    busy.value = false;
    sure.value = false;
    if (answer.ok) store.apply({ name: "poll.told", poll: answer.ok.poll });
    else toast(engagementRefusal(answer.refused));
  };
  return (
    <section class="desk-card" aria-label={poll.question}>
      <p class="card-lead" dir="auto">{poll.question}</p>
      <PollOptions poll={poll} mine={null} over={!runs} shown />
      <p class="card-note">{together.value.voters({ count: poll.voters })} · {!runs ? together.value.pollClosed() : poll.closes_at_ms === null ? t.untilClosed() : <TimeLeft store={store} until_ms={poll.closes_at_ms} />}</p>
      {!runs ? null : sure.value ? (
        <div class="actions">
          <button type="button" class="button button-quiet" autofocus onClick={() => { sure.value = false; }}>{t.goOn()}</button>
          <button type="button" class="button button-danger" data-testid={ids.pollCloseConfirm} aria-disabled={busy.value} onClick={() => void close()}>{t.pollCloseConfirm()}</button>
        </div>
      ) : <button type="button" class="button button-quiet button-wide" data-testid={ids.pollClose} onClick={() => { sure.value = true; }}>{t.pollClose()}</button>}
    </section>
  );
}

function PollForm({ store }: { store: Store }) {
  const t = words.value;
  const question = useSignal("");
  const options = useSignal<readonly string[]>(["", ""]);
  const minutes = useSignal(minuteChoices[1]!);
  const fault = useSignal<{ field: "question" | "options"; text: string } | null>(null);
  const busy = useSignal(false);
  const id = useRef(newId());
  const runsLive = store.state.value.live?.status === "live" || store.state.value.live?.status === "paused";
  const filled = () => options.value.map((option) => option.trim()).filter((option) => option !== "");
  const start = async () => {
    if (busy.value) return;
    if (question.value.trim() === "") return void (fault.value = { field: "question", text: t.errPollQuestion() });
    if (filled().length < 2 || new Set(filled().map((option) => option.toLowerCase())).size < filled().length) return void (fault.value = { field: "options", text: t.errPollOptions() });
    busy.value = true;
    const payload = { live_session_id: store.id, id: id.current, question: question.value.trim(), options: filled(), duration_s: minutes.value === 0 ? null : minutes.value * 60 };
    const answer = await store.connection.call("poll.open", payload, { timeout_ms: 15_000, repeat: true });
    busy.value = false;
    if (answer.ok) {
      store.apply({ name: "poll.told", poll: answer.ok.poll });
      id.current = newId();
      question.value = "";
      options.value = ["", ""];
      toast(t.pollStarted());
    } else {
      if (answer.refused.code === "poll.key_reused") id.current = newId();
      fault.value = { field: "question", text: engagementRefusal(answer.refused) };
    }
  };
  const write = (at: number, text: string) => {
    options.value = options.value.with(at, text);
    fault.value = null;
  };
  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); void start(); }}>
      <Field label={t.pollQuestion()} error={fault.value?.field === "question" ? fault.value.text : undefined}>
        {(attributes) => <input {...attributes} type="text" maxLength={120} dir="auto" autocomplete="off" data-testid={ids.pollQuestion} value={question.value}
          onInput={(event) => { question.value = event.currentTarget.value; fault.value = null; }} />}
      </Field>
      <fieldset class="poll-form-options">
        <legend>{t.pollOptions()}</legend>
        {options.value.map((option, at) => (
          <input key={at} type="text" maxLength={60} dir="auto" autocomplete="off" data-testid={ids.pollChoice(at)} value={option} aria-label={t.pollOption({ number: at + 1 })}
            placeholder={t.pollOption({ number: at + 1 })} aria-invalid={fault.value?.field === "options"} onInput={(event) => write(at, event.currentTarget.value)} />
        ))}
        {fault.value?.field === "options" ? <p class="field-error" role="alert">{fault.value.text}</p> : null}
        {options.value.length < options_max ? <button type="button" class="link-button" data-testid="poll-more" onClick={() => { options.value = [...options.value, ""]; }}>{t.pollMore()}</button> : null}
      </fieldset>
      <Minutes label={t.lasts()} testid={ids.pollMinutes} minutes={minutes} openEnd />
      <button type="submit" class="button button-primary button-wide" data-testid={ids.pollStart} disabled={!runsLive} aria-disabled={busy.value}>{t.pollStart()}</button>
      {runsLive ? null : <p class="quiet">{t.onlyLive()}</p>}
    </form>
  );
}
