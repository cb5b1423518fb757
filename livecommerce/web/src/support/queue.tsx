import { signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { desk as words } from "../i18n/desk.ts";
import { number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { Empty, LoadFailed } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { queue, type Counts, type Filters, type QueuedQuery, type Shelf } from "./api.ts";
import { assignedText, Clock, deskSentence, priorityText, StatusTag } from "./desk-words.tsx";
import { useLoaded } from "./loaded.ts";
import { follow } from "./place.ts";
import { ids } from "./testids.ts";
import { categoryText } from "./words.ts";

/** Outlives the view, so that coming back from a query finds the list as it was. */
const filters = signal<Filters>({ status: "waiting", overdue: false, mine: false, search: "" });
const typing_ms = 300;

export function Queue() {
  const t = words.value;
  const key = JSON.stringify(filters.value);
  const first = useLoaded(key, () => queue(filters.value, ""));
  const more = useSignal<{ key: string; queries: QueuedQuery[]; next: string | null } | null>(null);
  const working = useSignal(false);
  const page = first.value.value;
  const rest = more.value?.key === key ? more.value : null;
  const queries = page ? [...page.queries, ...(rest?.queries ?? []).filter((one) => page.queries.every((other) => other.id !== one.id))] : null;
  const next = rest ? rest.next : page?.next ?? null;

  async function showMore(): Promise<void> {
    working.value = true;
    const answer = await queue(filters.value, next ?? "");
    working.value = false;
    if (answer.ok) more.value = { key, queries: [...(rest?.queries ?? []), ...answer.ok.queries], next: answer.ok.next };
    else first.refusal.value = answer.refused;
  }

  return (
    <>
      <div class="page-head"><h1>{t.title()}</h1><Search /></div>
      <FilterBar counts={page?.counts ?? null} />
      {first.refusal.value ? <LoadFailed text={`${t.loadFailed()} ${deskSentence(first.refusal.value)}`} onRetry={() => void first.load()} /> : null}
      {queries === null ? (first.refusal.value ? null : <p class="working" role="status"><span class="spinner" />{common.value.loading()}</p>) : null}
      {queries?.length === 0 ? <Empty title={t.none()} text={noneText()} /> : null}
      {queries && queries.length > 0 ? <ul class="queries">{queries.map((one) => <li key={one.id}><Row query={one} /></li>)}</ul> : null}
      {queries && next !== null ? <button type="button" class="button button-quiet" aria-disabled={working.value} onClick={() => { if (!working.value) void showMore(); }}>{t.more()}</button> : null}
      <p class="quiet">{t.indiaTime()}</p>
    </>
  );
}

function noneText(): string {
  const t = words.value;
  const { search, status, overdue, mine } = filters.value;
  if (search !== "") return t.noneFound();
  return status === "waiting" && !overdue && !mine ? t.noneWaiting() : t.noneMatch();
}

function Search() {
  const t = words.value;
  const text = useSignal(filters.value.search);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const apply = () => {
    clearTimeout(timer.current);
    filters.value = { ...filters.value, search: text.value.trim() };
  };
  return (
    <label class="search ticket-search">
      <span class="unseen">{t.search()}</span>
      <Icon name="search" />
      <input type="search" placeholder={t.search()} maxLength={50} autocomplete="off" spellcheck={false} value={text.value} data-testid={ids.search}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(apply, typing_ms);
        }}
        onKeyDown={(event) => { if (event.key === "Enter") apply(); }} />
    </label>
  );
}

function FilterBar({ counts }: { counts: Counts | null }) {
  const t = words.value;
  const now = filters.value;
  const searching = now.search !== "";
  const shelves: [Shelf, string, number | null | undefined][] = [
    ["waiting", t.waiting(), counts ? counts.waiting : null], ["open", t.open(), counts ? counts.opened : null], ["in_progress", t.inProgress(), counts ? counts.in_progress : null],
    ["escalated", t.escalated(), counts ? counts.escalated : null], ["resolved", t.resolved(), undefined], ["closed", t.closed(), undefined],
  ];
  const done = now.status === "resolved" || now.status === "closed";
  return (
    <div class="filters" role="group" aria-label={t.filters()} data-off={searching}>
      {shelves.map(([status, label, count]) => (
        <Toggle key={status} on={!searching && now.status === status} label={label} count={count} testid={ids.shelf(status)}
          onPress={() => { filters.value = { ...now, status, overdue: now.overdue && status !== "resolved" && status !== "closed", search: "" }; }} />
      ))}
      <span class="filters-gap" />
      {done ? null : <Toggle on={!searching && now.overdue} label={t.overdueOnly()} count={counts ? counts.overdue : null} bad testid={ids.overdue} onPress={() => { filters.value = { ...now, overdue: !now.overdue, search: "" }; }} />}
      <Toggle on={!searching && now.mine} label={t.mineOnly()} count={done ? undefined : counts ? counts.mine : null} testid={ids.mine} onPress={() => { filters.value = { ...now, mine: !now.mine, search: "" }; }} />
    </div>
  );
}

interface ToggleProps {
  on: boolean;
  label: string;
  /** Null: not known yet, and its room is kept. */
  count: number | null | undefined;
  bad?: boolean;
  testid: string;
  onPress: () => void;
}

function Toggle({ on, label, count, bad = false, testid, onPress }: ToggleProps) {
  return (
    <button type="button" class="filter" aria-pressed={on} data-testid={testid} onClick={onPress}>
      {label}{count === undefined ? null : <span class="filter-count" data-bad={bad && count !== null && count > 0}>{count === null ? null : number(language.value, count)}</span>}
    </button>
  );
}

function Row({ query }: { query: QueuedQuery }) {
  const t = words.value;
  return (
    <a class="panel query-row staff-row" data-testid={ids.row(query.ticket_number)} {...follow({ query: query.id, about: null })}>
      <span class="staff-row-what">
        <strong dir="auto">{query.subject}</strong>
        <span class="quiet">{query.ticket_number} · {query.customer_name || t.noCustomer()}{query.order_number ? ` · ${query.order_number}` : ""}</span>
      </span>
      <span class="staff-row-tags">
        <StatusTag status={query.status} />
        {query.priority === "medium" ? null : <span class="tag" data-tone={query.priority === "low" ? undefined : "bad"}>{priorityText(query.priority)}</span>}
        <span class="quiet">{categoryText(query.category)}</span>
      </span>
      <span class="staff-row-when"><Clock query={query} now_ms={Date.now()} /><span class="quiet">{assignedText(query)}</span></span>
    </a>
  );
}
