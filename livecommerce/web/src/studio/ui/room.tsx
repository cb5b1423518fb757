/** The go-live room: preview and broadcast in the middle, products to pin, chat, and what is sold. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { common } from "../../i18n/common.ts";
import { countdown, money, number } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { live as liveWords } from "../../i18n/live.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { useLostFor } from "../../live/ui/stage.tsx";
import { isOver } from "../../live/view.ts";
import { BrandMark, Empty } from "../../site/shell.tsx";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { clearToast, toast, Toasts } from "../../ui/toast.tsx";
import { openRoom, type BroadcastState, type RoomState } from "../room-state.ts";
import { go, guardLeaving } from "../route.ts";
import { ChatColumn } from "./chat-column.tsx";
import { Pins, useKeys } from "./pins.tsx";
import { Preview } from "./preview.tsx";

type Panel = "products" | "chat" | "numbers";

export function Room({ id }: { id: string }) {
  const room = useMemo(() => openRoom(id), [id]);
  useEffect(() => () => room.close(), [room]);
  const panel = useSignal<Panel>("products");
  const ending = useSignal(false);
  const t = words.value;
  const { phase, you } = room.store.state.value;
  const keysOn = useKeys(room);
  const over = room.broadcast.value === "ended";
  useEffect(() => {
    if (!over) return;
    panel.value = "numbers";
    clearToast();
  }, [over]);

  useEffect(() => {
    void room.devices.allowed().then((granted) => { if (granted && !isOver(room.status.value)) void room.devices.start(); });
    const unguard = guardLeaving(
      () => ["connecting", "on-air", "recovering"].includes(room.publisher.state.value),
      (leave) => toast(words.value.leaveWarning(), { label: words.value.leaveAnyway(), run: leave }),
    );
    room.devices.onReplaced(({ name, other }) => toast(other === name ? words.value.unpluggedBack({ name })
      : other ? words.value.unplugged({ name, other }) : words.value.unpluggedNone({ name })));
    return unguard;
  }, [room]);

  if (phase === "missing" || (phase === "ready" && !you.is_host && you.role !== "anonymous")) {
    return (
      <main class="site-main">
        <Empty title={liveWords.value.missingTitle()} text={liveWords.value.missingText()}>
          <button type="button" class="button button-primary" onClick={() => go({ view: "list" }, true)}>{t.backToList()}</button>
        </Empty>
      </main>
    );
  }
  return (
    <main class="room" data-panel={panel.value} data-broadcast={room.broadcast.value}>
      <Head room={room} />
      <Sales room={room} />
      {room.broadcast.value === "ended" ? <After room={room} /> : <Preview room={room} onEnd={() => { ending.value = true; }} />}
      <Tabs panel={panel} />
      <section class="room-products" tabIndex={0} aria-label={t.products()}><Pins room={room} keysOn={keysOn} /></section>
      <ChatColumn room={room} over={over} />
      {ending.value ? <EndDialog room={room} onClose={() => { ending.value = false; }} /> : null}
      <Toasts />
    </main>
  );
}

function Head({ room }: { room: RoomState }) {
  const t = words.value;
  const isLost = useLostFor(room.store.connection) > 0;
  const isClosed = room.store.connection.link.value === "closed";
  return (
    <header class="room-head">
      <button type="button" class="icon-button" aria-label={t.backToList()} onClick={() => go({ view: "list" })}><Icon name="back" /></button>
      <BrandMark />
      <h1>{room.live.value?.title ?? ""}</h1>
      <StatePill state={room.broadcast.value} />
      <Duration room={room} />
      {isLost ? <span class="tag" data-tone="bad" role="status">{liveWords.value.linkLost()}</span> : null}
      {!isLost && room.store.state.value.isDegraded ? <span class="tag" role="status" title={liveWords.value.degraded()} data-testid={ids.degraded}>{liveWords.value.degradedShort()}</span> : null}
      {isClosed ? <button type="button" class="button button-danger button-small" onClick={() => room.store.connection.reopen()}>{liveWords.value.connectAgain()}</button> : null}
      <button type="button" class="button button-quiet button-small room-copy" aria-label={t.copy()} onClick={() => {
        void navigator.clipboard?.writeText(`${location.origin}/live/${room.store.id}`).then(() => toast(t.copied()));
      }}><Icon name="share" /><span>{t.copy()}</span></button>
    </header>
  );
}

function StatePill({ state }: { state: BroadcastState }) {
  const t = words.value;
  const texts: Record<BroadcastState, () => string> = {
    scheduled: t.stateScheduled, live: t.stateLive, paused: t.statePaused, connecting: t.stateConnecting, recovering: t.stateRecovering,
    "no-picture": t.stateNoPicture, ended: t.stateEnded,
  };
  return <span class="state-pill" data-state={state} data-testid={ids.studioState} role="status">{texts[state]()}</span>;
}

function Duration({ room }: { room: RoomState }) {
  const now_ms = useSignal(room.store.now_ms());
  useEffect(() => {
    const timer = setInterval(() => { now_ms.value = room.store.now_ms(); }, 1_000);
    return () => clearInterval(timer);
  }, [room]);
  const started_ms = room.live.value?.started_at_ms;
  if (!started_ms || !room.onAir.value) return null;
  return <span class="room-time">{countdown(Math.floor((now_ms.value - started_ms) / 1000) * 1000)}</span>;
}

function Sales({ room }: { room: RoomState }) {
  const t = words.value;
  const { sales, viewers } = room.store.state.value;
  const n = (value: number) => number(language.value, value);
  const figures = [
    ["viewers", t.salesViewers(), n(viewers)],
    ["peak", t.salesPeak(), n(sales?.peak_viewers ?? 0)],
    ["joins", t.salesJoins(), n(sales?.joins ?? 0)],
    ["orders", t.salesOrders(), n(sales?.orders ?? 0)],
    ["revenue", t.salesRevenue(), money(language.value, sales?.revenue_minor ?? 0)],
    ["paid", t.salesPaid(), money(language.value, sales?.paid_minor ?? 0)],
  ] as const;
  return (
    <dl class="room-sales" aria-label={t.sales()}>
      {figures.map(([key, label, value]) => <div key={key} data-figure={key}><dt>{label}</dt><dd data-testid={ids.sales(key)}>{value}</dd></div>)}
    </dl>
  );
}

function Tabs({ panel }: { panel: Signal<Panel> }) {
  const t = words.value;
  const tabs: [Panel, string][] = [["products", t.products()], ["chat", t.chat()], ["numbers", t.numbers()]];
  return (
    <div class="segments room-tabs" role="group">
      {tabs.map(([key, label]) => <button type="button" key={key} aria-pressed={panel.value === key} onClick={() => { panel.value = key; }}>{label}</button>)}
    </div>
  );
}

function After({ room }: { room: RoomState }) {
  const t = words.value;
  const live = room.live.value!;
  const lasted_ms = live.started_at_ms !== null && live.ended_at_ms !== null ? live.ended_at_ms - live.started_at_ms : 0;
  return (
    <section class="room-stage room-after">
      <BrandMark />
      <h2>{t.endedTitle({ title: live.title })}</h2>
      {lasted_ms > 0 ? <p>{t.duration({ time: countdown(lasted_ms) })}</p> : null}
      <p class="quiet">{t.endedText()}</p>
      <button type="button" class="button button-primary" onClick={() => go({ view: "list" })}>{t.backToList()}</button>
    </section>
  );
}

/** Ending is final, so the dialog names what ends and who is watching; the safe button has the focus. */
function EndDialog({ room, onClose }: { room: RoomState; onClose: () => void }) {
  const t = words.value;
  const dialog = useRef<HTMLDialogElement | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="end-title" onClose={onClose}>
      <h2 id="end-title">{t.endTitle({ title: room.live.value?.title ?? "" })}</h2>
      <p>{t.endText({ count: room.store.state.value.viewers })}</p>
      {room.refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(room.refusal.value)}</p> : null}
      <div class="actions">
        <button type="button" class="button button-quiet" autofocus onClick={() => dialog.current?.close()}>{t.endKeep()}</button>
        <button type="button" class="button button-danger" data-testid={ids.confirmEnd} disabled={room.busy.value === "end"}
          onClick={() => void room.end().then(() => { if (!room.refusal.value) dialog.current?.close(); })}>{room.busy.value === "end" ? common.value.loading() : t.endConfirm()}</button>
      </div>
    </dialog>
  );
}
