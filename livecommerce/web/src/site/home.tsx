import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { compact, dateTime, money, startTime } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { live as liveWords } from "../i18n/live.ts";
import { site as words } from "../i18n/site.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import type { LiveSession } from "../wire/contract.gen.ts";
import { productText, written, type Translated } from "../wire/product-text.ts";
import { rest } from "../wire/rest.ts";
import { Empty, LoadFailed, Shell } from "./shell.tsx";

interface Listed extends LiveSession {
  viewers: number;
  poster: (Translated & { product_id: string; image_url: string; price_minor: number; compare_at_minor: number | null }) | null;
}

interface Lists {
  live: Listed[];
  upcoming: Listed[];
  ended: Listed[];
}

const refresh_ms = 20_000;

export function Home() {
  const t = words.value;
  const lists = useSignal<Lists | null>(null);
  const failed = useSignal(false);
  const load = async () => {
    const answer = await rest<Lists>("/live-sessions");
    if (answer.ok) lists.value = answer.ok;
    failed.value = !answer.ok;
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => { if (document.visibilityState === "visible") void load(); }, refresh_ms);
    const onShow = () => { if (document.visibilityState === "visible") void load(); };
    document.addEventListener("visibilitychange", onShow);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onShow);
    };
  }, []);
  return (
    <Shell place="home">
      <h1 class="hero">{t.tagline()}</h1>
      {failed.value ? <LoadFailed text={t.loadFailed()} onRetry={() => void load()} /> : null}
      {lists.value ? <Found lists={lists.value} stale={failed.value} /> : failed.value ? null : <Skeleton />}
    </Shell>
  );
}

function Found({ lists: { live, upcoming, ended }, stale }: { lists: Lists; stale: boolean }) {
  const t = words.value;
  if (live.length + upcoming.length + ended.length === 0) {
    return <Empty title={t.emptyAll()} text={t.emptyAllText()}><a class="button button-primary" href="/studio">{t.openStudio()}</a></Empty>;
  }
  return (
    <div class="home" data-stale={stale}>
      <section aria-labelledby="live-now">
        <h2 id="live-now">{t.liveNow()}</h2>
        {live.length === 1 ? <Feature one={live[0]!} /> : live.length === 0 ? <p class="empty">{t.emptyLive()}. {t.emptyLiveText()}</p> : (
          <ul class="cards cards-live">{live.map((one) => <li key={one.id}><Card one={one} /></li>)}</ul>
        )}
      </section>
      {upcoming.length > 0 ? (
        <section aria-labelledby="upcoming">
          <h2 id="upcoming">{t.upcoming()}</h2>
          <ul class="cards">{upcoming.map((one) => <li key={one.id}><Card one={one} /></li>)}</ul>
        </section>
      ) : null}
      {ended.length > 0 ? (
        <section aria-labelledby="ended">
          <h2 id="ended">{t.ended()}</h2>
          <ul class="cards">{ended.map((one) => <li key={one.id}><Card one={one} /></li>)}</ul>
        </section>
      ) : null}
    </div>
  );
}

/** The only live session gets the room that a row of cards would have. */
function Feature({ one }: { one: Listed }) {
  const t = words.value;
  const name = posterName(one);
  return (
    <a class="card feature" href={`/live/${one.id}`} data-status={one.status} data-testid={`session-${one.id}`}>
      <span class="card-picture">
        <Picture url={one.poster?.image_url ?? null} name={one.title} size={640} eager />
        <Badges one={one} />
      </span>
      <span class="feature-text">
        <span class="feature-who"><span class="avatar" aria-hidden="true">{[...one.influencer.display_name][0]}</span>{one.influencer.display_name}</span>
        <strong class="feature-title" lang={langOf(one.title)}>{one.title}</strong>
        {one.description ? <span class="quiet feature-about" lang={langOf(one.description)}>{one.description}</span> : null}
        {one.poster && name ? (
          <span class="feature-product">
            <Picture url={one.poster.image_url} name={name.text} size={48} />
            <span><span class="quiet">{liveWords.value.showing()}</span><b lang={name.lang}>{name.text}</b></span>
            <strong>{money(language.value, one.poster.price_minor)}</strong>
          </span>
        ) : null}
        <span class="button button-primary"><Icon name="play" filled />{t.watch()}</span>
      </span>
    </a>
  );
}

function Badges({ one }: { one: Listed }) {
  return (
    <span class="card-badges">
      <span class="live-badge" data-paused={one.status === "paused"}>{common.value.live()}</span>
      {one.viewers > 0 ? (
        <span class="card-viewers"><Icon name="eye" /><span aria-hidden="true">{compact(language.value, one.viewers)}</span><span class="unseen">{liveWords.value.viewers({ count: one.viewers })}</span></span>
      ) : null}
    </span>
  );
}

const langOf = (text: string) => written(text, language.value).lang;

function posterName(one: Listed) {
  return one.poster ? productText(one.poster, language.value).name : null;
}

function Card({ one }: { one: Listed }) {
  const isLive = one.status === "live" || one.status === "paused";
  const name = posterName(one);
  return (
    <a class="card" href={`/live/${one.id}`} data-status={one.status} data-testid={`session-${one.id}`}>
      <span class="card-picture">
        <Picture url={one.poster?.image_url ?? null} name={one.title} size={320} eager={isLive} />
        {isLive ? <Badges one={one} /> : null}
        {one.poster && name ? <span class="card-product"><span lang={name.lang}>{name.text}</span><strong>{money(language.value, one.poster.price_minor)}</strong></span> : null}
      </span>
      <span class="card-text">
        <strong lang={langOf(one.title)}>{one.title}</strong>
        <span class="quiet">{one.influencer.display_name}</span>
        {isLive ? null : <span class="quiet card-time"><Icon name="clock" />{when(one)}</span>}
      </span>
    </a>
  );
}

function when(one: Listed): string {
  const t = words.value;
  if (one.status === "scheduled") {
    return one.scheduled_start_at_ms === null ? t.noTime() : t.startsAt({ time: startTime(language.value, one.scheduled_start_at_ms, Date.now()) });
  }
  return one.ended_at_ms === null ? "" : t.endedAt({ time: dateTime(language.value, one.ended_at_ms) });
}

/** Boxes of the final size, visible only when loading takes noticeable time. */
function Skeleton() {
  return (
    <div class="home skeleton" role="status" aria-label={common.value.loading()}>
      <ul class="cards cards-live">{[1, 2, 3].map((n) => <li key={n}><span class="card"><span class="card-picture" /></span></li>)}</ul>
    </div>
  );
}
