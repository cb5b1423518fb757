/** The picture, what lies directly on it, and a sentence for every state in which there is no moving picture. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { common } from "../../i18n/common.ts";
import { countdown, startTime } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import type { Connection } from "../../wire/socket.ts";
import type { LivePage } from "../page-state.ts";
import { fit } from "../view.ts";

export function Stage({ page }: { page: LivePage }) {
  const { store, player, stage } = page;
  const t = words.value;
  const box = useRef<HTMLElement | null>(null);
  const video = useRef<HTMLVideoElement | null>(null);
  const still = useRef<HTMLCanvasElement | null>(null);
  const hearts = useRef<HTMLDivElement | null>(null);
  const boxRatio = useSignal(innerWidth / innerHeight);
  const fitting = useComputed(() => (player.ratio.value === null ? "cover" : fit(player.ratio.value, boxRatio.value)));

  useEffect(() => {
    player.attach(video.current!, still.current!);
    page.reactions.attach(hearts.current!);
    const watch = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (height > 0) boxRatio.value = width / height;
    });
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);

  // The rest of the page places itself around the picture.
  useSignalEffect(() => {
    const root = document.documentElement;
    root.dataset.fit = fitting.value;
    root.style.setProperty("--ratio", String(player.ratio.value ?? 9 / 16));
  });

  const name = store.state.value.live?.influencer.display_name ?? "";
  return (
    <section ref={box} class="stage" data-testid={ids.stage} data-state={stage.value} data-link={store.connection.link.value}
      aria-label={t.videoOf({ name })}>
      <Poster page={page} />
      <Ambient video={video} active={fitting.value === "contain"} />
      <video ref={video} class="video" playsInline muted data-testid={ids.liveVideo} aria-label={t.videoOf({ name })}
        onClick={() => (player.blocked.value || player.muted.value) && player.setMuted(!player.muted.value)} />
      <canvas ref={still} class="video still" hidden aria-hidden="true" />
      <div class="scrim scrim-top" />
      <div class="scrim scrim-bottom" />
      <div ref={hearts} class="hearts" aria-hidden="true" />
      <Notice page={page} />
    </section>
  );
}

/** The first product's picture, far out of focus, until there are frames. */
function Poster({ page }: { page: LivePage }) {
  const { state } = page.store;
  const product = page.pinned.value ?? state.value.products[0];
  return product?.image_url ? <img class="poster" src={product.image_url} alt="" fetchpriority="high" /> : null;
}

/** Around a picture that does not fill its box: its own colours, redrawn once a second, softened by CSS. */
function Ambient({ video, active }: { video: { current: HTMLVideoElement | null }; active: boolean }) {
  const canvas = useRef<HTMLCanvasElement | null>(null);
  useEffect(() => {
    if (!active) return;
    const draw = () => {
      const [source, context] = [video.current, canvas.current?.getContext("2d")];
      if (!source || !context || source.videoWidth === 0 || document.hidden) return;
      context.drawImage(source, 0, 0, 24, 24);
    };
    draw();
    const timer = setInterval(draw, 1_000);
    return () => clearInterval(timer);
  }, [active]);
  return <canvas ref={canvas} class="ambient" width={24} height={24} hidden={!active} aria-hidden="true" />;
}

function Notice({ page }: { page: LivePage }) {
  const t = words.value;
  const { store, player } = page;
  const live = store.state.value.live;
  const name = live?.influencer.display_name ?? "";
  switch (page.stage.value) {
    case "joining":
      return <Joining />;
    case "before":
      return <Before page={page} />;
    case "paused":
      return <Card title={t.pausedTitle()} text={t.pausedText({ name })} icon="pause" />;
    case "waiting":
      return page.hasPlayed.value
        ? <Card title={t.waitingTitle()} text={t.waitingText()} icon="clock" />
        : <Card title={t.startingTitle()} text={t.startingText()} icon="clock" />;
    case "reconnecting":
      return <p class="stage-line"><span class="dot-pulse" />{t.linkLost()}</p>;
    case "blocked":
      return (
        <button type="button" class="big-play" onClick={() => player.setMuted(false)}>
          <span class="big-play-disc"><Icon name="play" filled /></span>
          <strong>{t.blockedAction()}</strong>
          <span>{t.blockedText()}</span>
        </button>
      );
    case "ended":
      return (
        <Card title={live?.status === "cancelled" ? t.cancelledTitle() : live?.status === "error" ? t.brokeOffTitle() : t.endedTitle()}
          text={t.endedText()} icon={live?.status === "ended" ? "heart" : "warning"}>
          <a class="button button-quiet" href="/">{t.endedAction()}</a>
        </Card>
      );
    case "missing":
      return (
        <Card title={t.missingTitle()} text={t.missingText()} icon="search">
          <a class="button button-primary" href="/">{t.endedAction()}</a>
        </Card>
      );
    case "banned":
      return (
        <Card title={t.bannedTitle()} text={t.bannedText()} icon="ban">
          <a class="button button-primary" href="/">{t.endedAction()}</a>
          <a class="link-button" href="/help">{t.bannedHelp()}</a>
        </Card>
      );
    case "full":
      return player.refusal.value?.code === "media.full"
        ? <Card title={t.fullTitle()} text={t.fullText()} icon="clock" />
        : <Card title={t.codecTitle()} text={t.codecText()} icon="warning" />;
    case "offline":
      return <Card title={t.offline()} icon="warning" />;
    default:
      return null;
  }
}

function Card({ title, text, icon, children }: { title: string; text?: string; icon: Parameters<typeof Icon>[0]["name"]; children?: preact.ComponentChildren }) {
  return (
    <div class="notice">
      <span class="notice-icon"><Icon name={icon} /></span>
      <h2>{title}</h2>
      {text ? <p>{text}</p> : null}
      {children}
    </div>
  );
}

/** Nothing for the first 300 ms, then a thin line, then words. */
function Joining() {
  const t = words.value;
  const slow = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => { slow.value = true; }, 5_000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="joining" role="status">
      <span class="joining-bar" />
      <span class="joining-text">{slow.value ? t.joiningSlow() : t.joining()}</span>
    </div>
  );
}

function Before({ page }: { page: LivePage }) {
  const t = words.value;
  const now_ms = useSignal(page.store.now_ms());
  useEffect(() => {
    const timer = setInterval(() => { now_ms.value = page.store.now_ms(); }, 1_000);
    return () => clearInterval(timer);
  }, []);
  const live = page.store.state.value.live!;
  const at_ms = live.scheduled_start_at_ms;
  if (at_ms === null) return <Card title={t.beforeOpen()} text={t.beforeText()} icon="clock" />;
  const left_ms = at_ms - now_ms.value;
  return (
    <Card title={left_ms > 0 ? t.beforeTitle({ time: startTime(language.value, at_ms, now_ms.value) }) : t.beforeSoon()} text={t.beforeText()} icon="clock">
      {left_ms > 0 && left_ms < 86_400_000 ? <p class="countdown" role="timer" aria-live="off">{countdown(left_ms)}</p> : null}
    </Card>
  );
}

/** Shorter losses heal unseen: a server that restarts asks everybody to come back within two seconds. */
const quiet_ms = 2_500;

/** How long the link has been lost; 0 while it is there, or for so short that nobody need know. */
export function useLostFor({ link, lostSince }: Connection): number {
  const lost_ms = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => {
      lost_ms.value = lostSince.value === null ? 0 : performance.now() - lostSince.value;
    }, 500);
    return () => clearInterval(timer);
  }, []);
  return link.value === "lost" && lost_ms.value > quiet_ms ? lost_ms.value : 0;
}

/** The link's own state: one line under the top bar, only when a loss lasts, or is for good. */
export function LinkLine({ page }: { page: LivePage }) {
  const t = words.value;
  const { connection } = page.store;
  const lost_ms = useLostFor(connection);
  const offline = !page.online.value;
  if (connection.link.value === "closed") {
    return (
      <div class="link-line" role="alert" data-shown="true" data-testid={ids.linkClosed}>
        <span>{connection.closing.value?.reason === "replaced" ? t.closedReplaced() : t.closedForGood()}</span>
        <button type="button" class="link-button" onClick={() => connection.reopen()}>{t.connectAgain()}</button>
      </div>
    );
  }
  const shown = offline || lost_ms > 0;
  if (!shown && page.store.state.value.isDegraded) return <div class="link-line" role="status" data-shown="true" data-quiet="true" data-testid={ids.degraded}>{t.degraded()}</div>;
  const long_s = Math.floor(lost_ms / 1000);
  return (
    <div class="link-line" role="status" data-shown={shown}>
      {shown ? <span class="dot-pulse" /> : null}
      {shown ? (offline ? t.offline() : long_s >= 10 ? t.linkLostLong({ seconds: long_s - (long_s % 5) }) : t.linkLost()) : ""}
    </div>
  );
}

/** Browsers let a page start only without sound; one tap, here or on the picture, brings it. */
export function SoundPill({ page }: { page: LivePage }) {
  const { player } = page;
  if (!page.hasPlayed.value || !player.muted.value || page.stage.value !== "live") return null;
  return (
    <button type="button" class="sound-pill" data-testid={ids.sound} onClick={() => player.setMuted(false)}>
      <Icon name="soundOff" /><span>{words.value.tapForSound()}</span>
    </button>
  );
}

export function LiveBadge({ page }: { page: LivePage }) {
  const status = page.store.state.value.live?.status;
  if (status !== "live" && status !== "paused") return null;
  return <span class="live-badge" data-paused={status === "paused"}>{common.value.live()}</span>;
}
