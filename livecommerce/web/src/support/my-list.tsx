import { useSignal } from "@preact/signals";
import { common } from "../i18n/common.ts";
import { help as words } from "../i18n/help.ts";
import { Empty, LoadFailed } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { myQueries, type MyQuery } from "./api.ts";
import { useLoaded } from "./loaded.ts";
import { DeadlineLine, StatusTag } from "./my-words.tsx";
import { follow } from "./place.ts";
import { ids } from "./testids.ts";
import { categoryText, sentence } from "./words.ts";

export function MyList() {
  const t = words.value;
  const first = useLoaded("", () => myQueries(""));
  const older = useSignal<{ queries: MyQuery[]; next: string | null } | null>(null);
  const working = useSignal(false);
  const newest = first.value.value?.queries;
  const queries = newest ? [...newest, ...(older.value?.queries ?? []).filter((one) => newest.every((other) => other.id !== one.id))] : null;
  const next = older.value ? older.value.next : first.value.value?.next ?? null;

  async function showOlder(): Promise<void> {
    working.value = true;
    const answer = await myQueries(next ?? "");
    working.value = false;
    if (answer.ok) older.value = { queries: [...(older.value?.queries ?? []), ...answer.ok.queries], next: answer.ok.next };
    else first.refusal.value = answer.refused;
  }

  const ask = <a class="button button-primary" data-testid={ids.newQuery} {...follow({ query: null, about: "" })}><Icon name="plus" />{t.newQuery()}</a>;
  return (
    <>
      <div class="page-head"><h1>{t.title()}</h1>{queries && queries.length > 0 ? ask : null}</div>
      {first.refusal.value ? <LoadFailed text={`${t.loadFailed()} ${sentence(first.refusal.value)}`} onRetry={() => void first.load()} /> : null}
      {queries === null ? (first.refusal.value ? null : <p class="working" role="status"><span class="spinner" />{common.value.loading()}</p>) : null}
      {queries?.length === 0 ? <Empty title={t.emptyTitle()} text={t.emptyText()}>{ask}</Empty> : null}
      {queries && queries.length > 0 ? <ul class="queries">{queries.map((one) => <li key={one.id}><Row query={one} /></li>)}</ul> : null}
      {queries && next !== null ? <button type="button" class="button button-quiet" aria-disabled={working.value} onClick={() => { if (!working.value) void showOlder(); }}>{t.older()}</button> : null}
    </>
  );
}

function Row({ query }: { query: MyQuery }) {
  const t = words.value;
  return (
    <a class="panel query-row" data-testid={ids.row(query.ticket_number)} {...follow({ query: query.id, about: null })}>
      <span class="query-row-head"><strong dir="auto">{query.subject}</strong><StatusTag status={query.status} /></span>
      <span class="quiet">{query.ticket_number} · {query.order_number ? t.about({ number: query.order_number }) : categoryText(query.category)}</span>
      <DeadlineLine query={query} />
    </a>
  );
}
