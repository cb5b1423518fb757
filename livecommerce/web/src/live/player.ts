/**
 * Watching: the only user of RTCPeerConnection for it.
 *
 * The server offers, the browser answers. States and what moves between them:
 *
 *   idle --start--> waiting --source available--> connecting --first frame--> playing
 *   playing --no frame for 3.5 s, peer failed, another source--> connecting (a new peer only where it helps, see stall.ts)
 *   any --source gone--> waiting        any --full, no codec--> refused (tried again while it may help)
 *
 * The first webrtc.watch goes out beside session.join, before it is known whether there is a source. A frozen
 * last frame stays on the <video> while a new peer is made, so a recovery never shows black.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Media } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";
import type { Connection } from "../wire/socket.ts";
import { stall, stall_ms } from "./stall.ts";

export type PlayerState = "idle" | "waiting" | "connecting" | "playing" | "refused";

export interface Player {
  state: ReadonlySignal<PlayerState>;
  refusal: ReadonlySignal<Refusal | null>;
  /** play() was rejected: a tap is needed before anything moves. */
  blocked: ReadonlySignal<boolean>;
  muted: ReadonlySignal<boolean>;
  /** Width over height of the picture; null before the first frame. */
  ratio: ReadonlySignal<number | null>;
  /** `still` holds the last frame while another peer is being connected. */
  attach(video: HTMLVideoElement, still: HTMLCanvasElement): void;
  /** The link is open (again): watch, unless a peer is alive. */
  linkOpened(): void;
  setMedia(media: Media): void;
  /** While held (paused live session) missing frames are expected. */
  setHeld(held: boolean): void;
  /** Sound on only inside a tap or key handler, else the browser refuses it. */
  setMuted(muted: boolean): void;
  close(): void;
  /** After close(): ready to watch again at the next linkOpened(). */
  reopen(): void;
}

const tick_ms = 1_000;
/** From offer to first frame; a keyframe can take half a second on a bad network. */
const connect_ms = 5_000;
const retry_ms = [200, 400, 800, 1_600, 3_000, 5_000];

/** Marks of the way to the first picture, for benches and field measurement. */
function markOnce(name: "lc-join-start" | "lc-offer" | "lc-connected" | "lc-first-frame"): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

interface Peer {
  pc: RTCPeerConnection;
  id: string;
  source: string;
  frames: number;
  aliveAt_ms: number;
  /** What has come from the server in all, and when that last grew. */
  heard: number;
  heardAt_ms: number;
  shown: boolean;
}

export function createPlayer(live_session_id: string, connection: Connection): Player {
  const state = signal<PlayerState>("idle");
  const refusal = signal<Refusal | null>(null);
  const blocked = signal(false);
  const muted = signal(true);
  const ratio = signal<number | null>(null);

  let video: HTMLVideoElement | null = null;
  let still: HTMLCanvasElement | null = null;
  let peer: Peer | null = null;
  let stream: MediaStream | null = null;
  let media: Media | null = null;
  let held = false;
  let closed = false;
  let attempt = 0;
  /** A peer is being agreed on; a source that changes meanwhile is looked at when that is done. */
  let asking = false;
  let changedMeanwhile = false;
  let failures = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const mayHaveSource = () => media === null || media.available;

  async function watch(): Promise<void> {
    if (closed) return;
    clearTimeout(retryTimer);
    const mine = ++attempt;
    if (state.value !== "playing") state.value = "connecting";
    if (mine === 1) markOnce("lc-join-start");
    asking = true;
    changedMeanwhile = false;
    const answer = await connection.call("webrtc.watch", { live_session_id }, { timeout_ms: 8_000 });
    if (mine !== attempt || closed) {
      if (answer.ok) leave(answer.ok.peer_id);
      return;
    }
    if (!answer.ok) {
      asking = false;
      return refused(answer.refused);
    }
    markOnce("lc-offer");
    const { peer_id, source, sdp } = answer.ok;
    try {
      await negotiate(mine, peer_id, source, sdp);
    } catch {
      leave(peer_id);
      if (mine !== attempt) return;
      asking = false;
      again();
    }
  }

  async function negotiate(mine: number, id: string, source: string, sdp: string): Promise<void> {
    const pc = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
    const patient_ms = performance.now() + connect_ms - stall_ms;
    const fresh: Peer = { pc, id, source, frames: 0, aliveAt_ms: patient_ms, heard: 0, heardAt_ms: patient_ms, shown: false };
    const tracks = new MediaStream();
    pc.addEventListener("track", ({ track, receiver }) => {
      // Live selling: the least delay that keeps the picture whole.
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
      tracks.addTrack(track);
    });
    pc.addEventListener("connectionstatechange", () => {
      if (peer !== fresh) return;
      if (pc.connectionState === "connected") markOnce("lc-connected");
      if (pc.connectionState === "failed") void watch();
    });
    await pc.setRemoteDescription({ type: "offer", sdp });
    const description = await pc.createAnswer();
    await pc.setLocalDescription(description);
    if (mine !== attempt || closed) return hangUp(fresh);
    asking = false;
    if (changedMeanwhile && media?.available && media.source !== source) {
      hangUp(fresh);
      return again();
    }
    // The server learns our address from the first check, so nothing is gathered for.
    const sent = connection.call("webrtc.answer", { peer_id: id, sdp: description.sdp ?? "" }, { timeout_ms: 8_000 });
    replacePeer(fresh, tracks);
    const answer = await sent;
    if (mine === attempt && answer.refused) refused(answer.refused);
  }

  /** The old peer goes only now, so its last frame is on screen until the new one draws. */
  function replacePeer(fresh: Peer, tracks: MediaStream): void {
    const old = peer;
    peer = fresh;
    stream = tracks;
    refusal.value = null;
    show();
    if (old) hangUp(old);
  }

  function show(): void {
    if (video === null || stream === null) return;
    if (video.srcObject !== stream) {
      keepFrame();
      video.srcObject = stream;
    }
    video.muted = muted.value;
    awaitFrame();
    video.play().then(
      () => { blocked.value = false; },
      (error: unknown) => {
        if (error instanceof DOMException && error.name === "NotAllowedError") blocked.value = true;
      },
    );
  }

  /** A new stream empties the element; its last frame stays on the canvas above it until the new one draws. */
  function keepFrame(): void {
    if (video === null || still === null || video.videoWidth === 0) return;
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext("2d")?.drawImage(video, 0, 0);
    still.hidden = false;
  }

  function awaitFrame(): void {
    const watched = peer;
    if (video === null || watched === null || watched.shown) return;
    const shown = () => {
      if (peer !== watched || watched.shown || video === null) return;
      watched.shown = true;
      watched.aliveAt_ms = performance.now();
      failures = 0;
      state.value = "playing";
      if (still) still.hidden = true;
      markOnce("lc-first-frame");
      measure();
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(shown);
    else (video as HTMLVideoElement).addEventListener("playing", shown, { once: true });
  }

  function measure(): void {
    if (video && video.videoWidth > 0 && video.videoHeight > 0) ratio.value = video.videoWidth / video.videoHeight;
  }

  function refused(answer: Refusal): void {
    if (answer.code === "media.no_source") {
      state.value = "waiting";
      if (media?.available) again(answer.retry_after_s);
    } else if (answer.code === "session.not_found") {
      state.value = "idle";
    } else if (answer.code === "media.full" || answer.code === "media.no_codec" || answer.code === "media.bad_sdp") {
      refusal.value = answer;
      state.value = "refused";
      again(answer.retry_after_s ?? 10);
    } else {
      again(answer.retry_after_s);
    }
  }

  /** Watch again after a growing, jittered pause. */
  function again(after_s = 0): void {
    clearTimeout(retryTimer);
    const wait_ms = Math.max(after_s * 1000, retry_ms[Math.min(failures, retry_ms.length - 1)]!) * (0.75 + Math.random() / 2);
    failures += 1;
    retryTimer = setTimeout(() => {
      if (mayHaveSource()) void watch();
      else state.value = "waiting";
    }, wait_ms);
  }

  function hangUp(old: Peer): void {
    old.pc.close();
    leave(old.id);
  }

  /** Without it the server keeps the place until its patience is over. */
  function leave(peer_id: string): void {
    if (connection.link.value === "open") void connection.call("webrtc.close", { peer_id }, { timeout_ms: 3_000 });
  }

  /** Frames are counted by the decoder, not the screen, so a hidden page is no stall. */
  async function watchdog(): Promise<void> {
    const watched = peer;
    if (watched === null || closed) return;
    const now_ms = performance.now();
    let frames = watched.frames;
    let heard = 0;
    for (const stat of (await watched.pc.getStats()).values()) {
      if (stat.type === "inbound-rtp" && stat.kind === "video") frames = Math.max(frames, stat.framesReceived ?? stat.framesDecoded ?? 0);
      if (stat.type === "candidate-pair") heard += stat.responsesReceived ?? 0;
      if (stat.type === "transport") heard += stat.packetsReceived ?? 0;
    }
    if (peer !== watched) return;
    if (heard > watched.heard) {
      watched.heard = heard;
      watched.heardAt_ms = now_ms;
    }
    if (frames > watched.frames) {
      watched.frames = frames;
      watched.aliveAt_ms = now_ms;
      return;
    }
    if (held || !media?.available || connection.link.value !== "open") return;
    const answer = stall(now_ms - watched.aliveAt_ms, now_ms - watched.heardAt_ms);
    if (answer === "none") return;
    state.value = "connecting";
    if (answer === "again") {
      // The next peer gets its own full patience.
      watched.aliveAt_ms = now_ms + connect_ms;
      void watch();
    } else if (watched.shown) {
      watched.shown = false;
      awaitFrame();
    }
  }
  let dog = setInterval(() => void watchdog(), tick_ms);

  return {
    state, refusal, blocked, muted, ratio,
    attach: (element, canvas) => {
      video = element;
      still = canvas;
      video.addEventListener("resize", measure);
      // Some browsers pause the element by themselves when a call or another app takes the sound.
      video.addEventListener("pause", () => !closed && document.visibilityState === "visible" && show());
      show();
    },
    linkOpened: () => {
      const broken = peer === null || peer.pc.connectionState === "failed" || peer.pc.connectionState === "closed";
      if (broken && mayHaveSource() && !closed) void watch();
    },
    setMedia: (next) => {
      const before = media;
      media = next;
      if (!next.available) {
        clearTimeout(retryTimer);
        if (!held && !asking) state.value = "waiting";
        return;
      }
      if (asking) {
        changedMeanwhile = true;
        return;
      }
      const healthy = peer !== null && peer.source === next.source && peer.pc.connectionState !== "failed";
      if (healthy && before?.available !== false) return;
      failures = 0;
      if (!healthy) return void watch();
      // The same source came back, and it may still feed this peer: give it a moment before asking again.
      peer!.shown = false;
      peer!.aliveAt_ms = performance.now() - stall_ms + 1_500;
      state.value = "connecting";
      awaitFrame();
    },
    setHeld: (next) => {
      if (held && !next && peer) peer.aliveAt_ms = performance.now();
      held = next;
    },
    setMuted: (next) => {
      muted.value = next;
      if (video) video.muted = next;
      if (!next) show();
    },
    close: () => {
      closed = true;
      attempt += 1;
      clearTimeout(retryTimer);
      clearInterval(dog);
      if (peer) hangUp(peer);
      peer = null;
      state.value = "idle";
    },
    reopen: () => {
      closed = false;
      asking = false;
      media = null;
      dog = setInterval(() => void watchdog(), tick_ms);
    },
  };
}
