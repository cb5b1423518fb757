/** The camera's picture with what belongs to it: devices, level, checklist before, controls and health while live. */
import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { common } from "../../i18n/common.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import type { DeviceFailure } from "../devices.ts";
import type { RoomState } from "../room-state.ts";
import { go } from "../route.ts";

export function Preview({ room, onEnd }: { room: RoomState; onEnd: () => void }) {
  const { devices } = room;
  return (
    <section class="room-stage" aria-label={words.value.preview()}>
      <Picture room={room} />
      <Trouble room={room} />
      {devices.state.value === "on" ? <DevicePickers room={room} /> : null}
      {room.onAir.value ? <OnAir room={room} onEnd={onEnd} /> : <Before room={room} />}
    </section>
  );
}

function Picture({ room }: { room: RoomState }) {
  const t = words.value;
  const { devices } = room;
  const video = useRef<HTMLVideoElement | null>(null);
  useSignalEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = devices.preview.value;
    if (devices.preview.value) void element.play().catch(() => undefined);
  });
  const on = devices.state.value === "on";
  const size = devices.video.value?.getSettings();
  const upright = (size?.height ?? 0) > (size?.width ?? 1);
  return (
    <div class="preview" data-upright={upright}>
      <video ref={video} muted playsInline data-testid={ids.preview} hidden={!on} />
      {on && upright && !room.onAir.value ? <div class="guides" aria-hidden="true" title={t.guide()} /> : null}
      {on ? <LevelMeter room={room} /> : <Ask room={room} />}
    </div>
  );
}

/** One sentence why, then the permission; never before a press, unless it was given before. */
function Ask({ room }: { room: RoomState }) {
  const t = words.value;
  const { devices } = room;
  const failure = devices.failure.value;
  const failed = devices.state.value === "failed" && failure !== null;
  const { title, text } = failed ? failureWords(failure) : { title: null, text: t.cameraAsk() };
  return (
    <div class="ask" role={failed ? "alert" : undefined}>
      <span class="notice-icon"><Icon name={failed ? "cameraOff" : "camera"} /></span>
      {title ? <h2>{title}</h2> : null}
      <p>{text}</p>
      {failure === "insecure" || failure === "unsupported" ? null : (
        <button type="button" class="button button-primary" data-testid={ids.cameraOn} disabled={devices.state.value === "asking"} onClick={() => void devices.start()}>
          {devices.state.value === "asking" ? t.cameraAsking() : failed ? common.value.retry() : t.cameraOn()}
        </button>
      )}
    </div>
  );
}

function failureWords(failure: DeviceFailure): { title: string | null; text: string } {
  const t = words.value;
  const table: Record<DeviceFailure, { title: string | null; text: string }> = {
    "not-allowed": { title: t.notAllowedTitle(), text: t.notAllowedText() },
    "no-camera": { title: null, text: t.notFoundCamera() },
    "no-microphone": { title: null, text: t.notFoundMicrophone() },
    "in-use": { title: t.inUseTitle(), text: t.inUseText() },
    insecure: { title: t.insecureTitle(), text: t.insecureText() },
    unsupported: { title: null, text: t.unsupported() },
    failed: { title: null, text: t.deviceFailed() },
  };
  return table[failure];
}

/** Written straight to the element: sixty updates a second are not for the component tree. */
function LevelMeter({ room }: { room: RoomState }) {
  const { devices } = room;
  const bar = useRef<HTMLSpanElement | null>(null);
  const mark = useRef<HTMLSpanElement | null>(null);
  useSignalEffect(() => {
    const level = devices.muted.value ? 0 : devices.level.value;
    if (bar.current) bar.current.style.clipPath = `inset(0 ${(100 - level * 100).toFixed(1)}% 0 0)`;
    if (mark.current) mark.current.style.left = `${(devices.muted.value ? 0 : devices.peak.value) * 100}%`;
  });
  return (
    <div class="level" role="img" aria-label={words.value.level()}>
      <Icon name={devices.muted.value ? "micOff" : "mic"} />
      <span class="level-track"><span ref={bar} class="level-bar" /><span ref={mark} class="level-peak" /></span>
    </div>
  );
}

function DevicePickers({ room }: { room: RoomState }) {
  const t = words.value;
  const { devices } = room;
  const rows = [
    ["camera", t.camera(), devices.cameras.value, devices.video.value, ids.cameraSelect],
    ["microphone", t.microphone(), devices.microphones.value, devices.audio.value, ids.microphoneSelect],
  ] as const;
  return (
    <div class="pickers">
      {rows.map(([kind, label, list, track, testid]) => (
        <label key={kind} class="picker-row">
          <span><Icon name={kind === "camera" ? "camera" : "mic"} /><span class="unseen">{label}</span></span>
          <select data-testid={testid} value={track?.getSettings().deviceId ?? ""} onChange={(event) => void devices.pick(kind, event.currentTarget.value)}>
            {track === null ? <option value="" /> : null}
            {list.map((device, at) => (
              <option key={device.deviceId} value={device.deviceId}>
                {device.label || (kind === "camera" ? t.cameraN({ number: at + 1 }) : t.microphoneN({ number: at + 1 }))}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}

type Mark = "fine" | "warning" | "failed" | "waiting";

function Before({ room }: { room: RoomState }) {
  const t = words.value;
  const { devices, store, awake } = room;
  const { phase, products } = store.state.value;
  const camera = devices.video.value;
  const size = camera?.getSettings();
  const wide = (size?.width ?? 0) > (size?.height ?? 0);
  const rows: [string, Mark, string | null][] = [
    [t.checkCamera(), camera ? "fine" : "failed", camera && wide ? t.checkCameraWide() : null],
    [t.checkMic(), !devices.audio.value ? "failed" : devices.muted.value ? "warning" : devices.heard.value ? "fine" : "warning",
      !devices.audio.value ? null : devices.muted.value ? t.checkMicMuted() : devices.heard.value ? t.checkMicGood() : devices.listening.value ? t.checkMicSpeak() : null],
    [t.checkProducts(), phase !== "ready" ? "waiting" : products.some((product) => product.stock > 0) ? "fine" : "warning",
      phase === "ready" && !products.some((product) => product.stock > 0) ? t.checkProductsNone() : null],
    [t.checkConnection(), store.connection.link.value === "open" && phase === "ready" ? "fine" : "waiting", store.connection.link.value === "open" ? null : t.checkConnectionWait()],
    [t.checkAwake(), awake.supported ? "fine" : "warning", awake.supported ? null : t.checkAwakeNo()],
  ];
  const blocked = rows.some(([, mark]) => mark === "failed" || mark === "waiting");
  return (
    <div class="before">
      {devices.state.value === "on" ? (
        <>
          <h2>{t.checklist()}</h2>
          <ul class="checklist">
            {rows.map(([label, mark, note]) => (
              <li key={label} data-mark={mark}>
                <span class="check-mark"><Icon name={mark === "fine" ? "check" : mark === "waiting" ? "clock" : "warning"} /></span>
                <span><b>{label}</b>{note ? <small>{note}</small> : null}</span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <div class="go-live">
        <button type="button" class="button button-danger button-wide" data-testid={ids.goLive} disabled={blocked || room.busy.value === "start"} onClick={() => void room.goLive()}>
          <span class="go-dot" />{room.busy.value === "start" ? t.goingLive() : t.goLive()}
        </button>
        {devices.state.value === "on" ? <RoundButtons room={room} /> : null}
      </div>
    </div>
  );
}

function RoundButtons({ room }: { room: RoomState }) {
  const t = words.value;
  const { devices } = room;
  const muted = devices.muted.value;
  return (
    <>
      <button type="button" class="round-button" data-on={muted} aria-pressed={muted} aria-label={muted ? t.unmute() : t.mute()} title={muted ? t.unmute() : t.mute()}
        onClick={() => devices.setMuted(!muted)}><Icon name={muted ? "micOff" : "mic"} /></button>
      {devices.cameras.value.length > 1 ? (
        <button type="button" class="round-button" aria-label={t.flip()} title={t.flip()} onClick={() => void devices.flip()}><Icon name="flip" /></button>
      ) : null}
    </>
  );
}

function OnAir({ room, onEnd }: { room: RoomState; onEnd: () => void }) {
  const t = words.value;
  const paused = room.status.value === "paused";
  const sending = room.publisher.state.value !== "idle" && room.publisher.state.value !== "elsewhere";
  return (
    <div class="on-air">
      <HealthLine room={room} />
      <div class="on-air-buttons">
        {sending ? <RoundButtons room={room} /> : null}
        {paused ? (
          <button type="button" class="button button-primary" data-testid={ids.resume} disabled={room.busy.value !== null} onClick={() => void room.resume()}><Icon name="play" filled />{t.resume()}</button>
        ) : (
          <button type="button" class="button button-quiet" data-testid={ids.pause} disabled={room.busy.value !== null} onClick={() => void room.pause()}><Icon name="pause" />{t.pause()}</button>
        )}
        <span class="spacer" />
        <button type="button" class="button button-danger" data-testid={ids.endLive} onClick={onEnd}><Icon name="stop" filled />{t.end()}</button>
      </div>
    </div>
  );
}

function HealthLine({ room }: { room: RoomState }) {
  const t = words.value;
  const health = room.publisher.health.value;
  if (room.publisher.state.value !== "on-air") return null;
  if (!health) return <p class="health" data-testid={ids.health} data-level="none"><Icon name="signal" /><span>{t.healthNone()}</span></p>;
  const { level, measured } = health;
  const height = measured.height;
  const sentence = level === "good" ? t.healthGood({ height }) : measured.limitedBy === "cpu" ? t.healthCpu() : level === "fair" ? t.healthFair({ height }) : t.healthPoor();
  const figures = [
    t.figures({ kbps: Math.round(measured.bitrate_bps / 1000), fps: measured.fps }),
    measured.round_trip_ms === null ? null : t.roundTrip({ ms: measured.round_trip_ms }),
    measured.lost >= 0.01 ? t.lossy({ percent: Math.round(measured.lost * 100) }) : null,
  ].filter((text) => text !== null);
  return (
    <p class="health" data-testid={ids.health} data-level={level} data-fps={measured.fps}>
      <Icon name="signal" /><span><b>{sentence}</b><small>{figures.join(" · ")}</small></span>
    </p>
  );
}

function Trouble({ room }: { room: RoomState }) {
  const t = words.value;
  const { devices, publisher, refusal } = room;
  if (refusal.value) {
    const other = refusal.value.code === "session.already_live" ? String(refusal.value.details?.live_session_id ?? "") : "";
    return (
      <div class="callout callout-bad" role="alert">
        <span>{other ? t.alreadyLive() : refusalText(refusal.value)}</span>
        {other ? <button type="button" class="button button-quiet button-small" onClick={() => go({ view: "room", id: other })}>{t.goThere()}</button> : null}
      </div>
    );
  }
  if (publisher.state.value === "refused" && publisher.refusal.value) {
    const code = publisher.refusal.value.code;
    return (
      <div class="callout callout-bad" role="alert">
        <span>{code === "media.no_codec" ? t.codecRefused() : t.publishRefused({ reason: refusalText(publisher.refusal.value) })}</span>
        <button type="button" class="button button-quiet button-small" onClick={() => void room.broadcastFromHere()}>{common.value.retry()}</button>
      </div>
    );
  }
  if (devices.state.value === "on" && (devices.video.value === null || devices.audio.value === null)) {
    return (
      <div class="callout callout-bad" role="alert">
        <span>{devices.video.value === null ? t.notFoundCamera() : t.notFoundMicrophone()}</span>
        <button type="button" class="button button-quiet button-small" onClick={() => void devices.pick(devices.video.value === null ? "camera" : "microphone", null)}>{t.restoreCamera()}</button>
      </div>
    );
  }
  const idle = publisher.state.value === "idle" || publisher.state.value === "elsewhere";
  if (room.onAir.value && idle && room.busy.value === null) {
    return (
      <div class="callout" data-tone="info">
        <span><b>{t.elsewhereTitle()}</b> {t.elsewhereText()}</span>
        <button type="button" class="button button-primary button-small" data-testid="take-over"
          onClick={() => void devices.start().then((started) => { if (started) void room.broadcastFromHere(true); })}>{t.takeOver()}</button>
      </div>
    );
  }
  return null;
}
