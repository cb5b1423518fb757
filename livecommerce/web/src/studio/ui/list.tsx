import type { LiveSessionStatus } from "@/types/database";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { figures } from "../../i18n/figures.ts";
import { dateTime, startTime } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { isOver } from "../../live/view.ts";
import { Empty, LoadFailed } from "../../site/shell.tsx";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import type { Refusal } from "../../wire/rest.ts";
import { ownLiveSessions, type OwnLiveSession } from "../api.ts";
import { go } from "../route.ts";
import { figureIds, linkIds } from "../testids.ts";
import { visibilityText } from "../visibility.ts";

const order: Record<OwnLiveSession["status"], number> = { live: 0, paused: 0, scheduled: 1, ended: 2, cancelled: 2, error: 2 };

export function List() {
  const t = words.value;
  const sessions = useSignal<OwnLiveSession[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const load = async () => {
    const answer = await ownLiveSessions();
    if (answer.ok) sessions.value = [...answer.ok.live_sessions].sort((a, b) => order[a.status] - order[b.status]);
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => void load(), []);
  const create = (testid: string) => <button type="button" class="button button-primary" data-testid={testid} onClick={() => go({ view: "edit", id: null })}><Icon name="plus" />{t.newSession()}</button>;
  return (
    <>
      <div class="page-head">
        <h1>{t.mySessions()}</h1>
        <div class="actions">
          <button type="button" class="button button-quiet" data-testid={linkIds.open} onClick={() => go({ view: "links" })}>{t.links()}</button>
          <a class="button button-quiet" href="/studio/money">{t.earnings()}</a>
          {create(ids.newSession)}
        </div>
      </div>
      {refusal.value ? <LoadFailed text={`${t.loadFailed()} ${refusalText(refusal.value)}`} onRetry={() => void load()} /> : null}
      {sessions.value?.length === 0 ? <Empty title={t.emptyTitle()} text={t.emptyText()}>{create(ids.firstSession)}</Empty> : null}
      {sessions.value ? <ul class="own-list">{sessions.value.map((one) => <li key={one.id}><Own one={one} /></li>)}</ul> : null}
    </>
  );
}

function Own({ one }: { one: OwnLiveSession }) {
  const t = words.value;
  const onAir = one.status === "live" || one.status === "paused";
  const over = isOver(one.status);
  return (
    <article class="panel own" data-status={one.status}>
      <div class="own-text">
        <h2>
          {one.title} <StatusTag status={one.status} />
          {one.visibility === "public" ? null : <span class="tag" data-visibility={one.visibility}><Icon name={one.visibility === "private" ? "person" : "share"} />{visibilityText(t, one.visibility)}</span>}
        </h2>
        <p class="quiet">{whenText(one)} · {t.productCount({ count: one.product_ids.length })}</p>
      </div>
      <div class="actions">
        {one.status === "scheduled" ? <button type="button" class="button button-quiet" onClick={() => go({ view: "edit", id: one.id })}><Icon name="edit" />{t.edit()}</button> : null}
        <a class="button button-quiet" href={`/live/${one.id}`} target="_blank" rel="noopener"><Icon name="eye" />{t.viewerPage()}</a>
        {onAir || over ? <button type="button" class="button button-quiet" data-testid={figureIds.open(one.id)} onClick={() => go({ view: "figures", id: one.id })}>{figures.value.open()}</button> : null}
        {one.status === "cancelled" ? null : (
          <button type="button" class={`button ${over ? "button-quiet" : "button-primary"}`} data-testid={ids.open(one.id)} onClick={() => go({ view: "room", id: one.id })}>
            {onAir ? t.returnToLive() : over ? t.seeResult() : t.openRoom()}
          </button>
        )}
      </div>
    </article>
  );
}

export function StatusTag({ status }: { status: LiveSessionStatus }) {
  const t = words.value;
  const texts: Record<LiveSessionStatus, () => string> = {
    scheduled: t.statusScheduled, live: t.statusLive, paused: t.statusPaused, ended: t.statusEnded, cancelled: t.statusCancelled, error: t.statusError,
  };
  return <span class="tag" data-tone={status === "live" ? "live" : status === "scheduled" ? "good" : undefined}>{texts[status]()}</span>;
}

function whenText(one: OwnLiveSession): string {
  const t = words.value;
  if (one.status === "scheduled") {
    return one.scheduled_start_at_ms === null ? t.anyTime() : t.startsAt({ time: startTime(language.value, one.scheduled_start_at_ms, Date.now()) });
  }
  if (one.ended_at_ms !== null) return t.endedAt({ time: dateTime(language.value, one.ended_at_ms) });
  return one.started_at_ms === null ? "" : t.startedAt({ time: dateTime(language.value, one.started_at_ms) });
}
