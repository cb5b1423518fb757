/** What payment providers have sent, and what became of it; above all what nobody here understands. */
import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { toast } from "../ui/toast.tsx";
import { eventDone, paymentEvents, retryEvent, type EventState, type PaymentEvent } from "./api.ts";
import { Ask } from "./ask.tsx";
import { More } from "./more.tsx";
import { here } from "./place.ts";
import { ids } from "./testids.ts";
import { eventHint, eventText, eventTones, sentence, time } from "./words.ts";

/** What needs a person first. */
const states: readonly EventState[] = ["unknown", "mismatch", "failed", "waiting", "new", "applied", "ignored"];

export function Events() {
  const t = words.value;
  const { after } = here.place.value;
  const state = states.find((one) => one === here.place.value.status) ?? "unknown";
  const listed = useListed(`${state} ${after}`, () => paymentEvents(state, after));
  const counts = listed.page?.counts;
  const asking = useSignal<{ event: PaymentEvent; step: "done" | "retry" } | null>(null);
  const close = () => { asking.value = null; };
  const done = () => {
    toast(t.isEventHandled());
    close();
    void listed.load();
  };
  return (
    <>
      <Filters label={t.state()} here={state} choices={states.map((key) => ({
        key, label: eventText(key), count: counts ? counts[key] ?? 0 : null, urgent: eventTones[key] === "bad", way: here.follow(here.to({ status: key === "unknown" ? "" : key, after: "" })),
      }))} />
      <p class="quiet">{eventHint(state)}</p>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.events.length === 0 ? <Empty title={t.noEvents()} text={state === "unknown" ? t.noEventsText() : undefined} /> : (
          <Table caption={t.events()} rows={page.events} keyOf={(event) => String(event.inbox_id)} testid={(event) => ids.event(event.event_id)} columns={[
            { key: "kind", label: t.eventKind(), head: true, cell: (event) => <><code>{event.provider_kind || event.kind}</code><small class="quiet cell-note">{event.provider}</small></> },
            { key: "at", label: t.received(), cell: (event) => time(event.received_at_ms) },
            { key: "order", label: t.order(), cell: (event) => event.order_number ?? "–" },
            { key: "amount", label: t.amount(), figures: true, cell: (event) => event.amount_minor === null ? "–" : money(language.value, event.amount_minor) },
            { key: "reference", label: t.reference(), cell: (event) => <span class="code-text">{event.reference ?? event.event_id}</span> },
            { key: "state", label: t.state(), cell: (event) => <><span class="tag" data-tone={eventTones[event.state]}>{eventText(event.state)}</span>{event.note ? <small class="quiet cell-note" dir="auto">{event.note}</small> : null}</> },
            { key: "do", label: t.actions(), bare: true, cell: (event) => <Steps event={event} ask={(step) => { asking.value = { event, step }; }} /> },
          ]} />
        )}
      </ListView>
      <More next={listed.page?.next} />
      {asking.value ? <EventDialog {...asking.value} onDone={done} onClose={close} /> : null}
    </>
  );
}

/** What a person can do about an event that waits for one. */
function Steps({ event, ask }: { event: PaymentEvent; ask: (step: "done" | "retry") => void }) {
  const t = words.value;
  if (eventTones[event.state] !== "bad") return null;
  const named = `: ${event.order_number ?? event.reference ?? event.event_id}`;
  return (
    <span class="actions">
      {event.state === "failed" ? <button type="button" class="button button-quiet button-small" data-testid={ids.eventRetry} aria-label={`${t.eventRetry()}${named}`} onClick={() => ask("retry")}>{t.eventRetry()}…</button> : null}
      <button type="button" class="button button-quiet button-small" data-testid={ids.eventDone} aria-label={`${t.eventDone()}${named}`} onClick={() => ask("done")}>{t.eventDone()}…</button>
    </span>
  );
}

interface EventDialogProps {
  event: PaymentEvent;
  step: "done" | "retry";
  onDone: () => void;
  onClose: () => void;
}

function EventDialog({ event, step, onDone, onClose }: EventDialogProps) {
  const t = words.value;
  if (step === "retry") {
    return <Ask title={t.eventRetryTitle()} text={t.eventRetryText()} action={t.eventRetry()} onSend={() => retryEvent(event.inbox_id)} onDone={onDone} onClose={onClose} />;
  }
  return (
    <Ask title={t.eventDoneTitle()} text={t.eventDoneText()} action={t.eventDone()} field={{ label: t.eventNote(), missing: t.errEventNote(), longest: 300 }}
      onSend={(text) => eventDone(event.inbox_id, text)} onDone={onDone} onClose={onClose} />
  );
}
