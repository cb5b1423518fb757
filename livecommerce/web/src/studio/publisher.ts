/**
 * Broadcasting: the only user of RTCPeerConnection for sending.
 *
 * Once started it keeps the broadcast up until it is stopped: a failed peer, a media process that hung up or lost us
 * (media.changed, available=false) and a new media process (another source) all lead to a fresh offer, with a growing
 * pause. Such an offer names the broadcast that it goes on from. When another device has taken over meanwhile, the
 * server refuses it; then this one stops and says so, instead of fighting for it.
 */
import { signal } from "@preact/signals";
import type { Media } from "../wire/contract.gen.ts";
import { freshToken } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import type { Connection } from "../wire/socket.ts";
import { preferred } from "./codecs.ts";
import type { Devices } from "./devices.ts";
import { next, type Health, type Measured } from "./health.ts";

export type PublisherState = "idle" | "connecting" | "on-air" | "recovering" | "elsewhere" | "refused";

const gather_ms = 1_000;
const connect_ms = 8_000;
const disconnected_ms = 3_000;
const stats_ms = 2_000;
const retry_ms = [300, 600, 1_200, 2_500, 5_000];
const maxVideo_bps = 2_500_000;

interface Peer {
  pc: RTCPeerConnection;
  id: string | null;
  source: string | null;
  connectedAt_ms: number | null;
  senders: Record<"camera" | "microphone", RTCRtpSender>;
}

/** Refusals that another try cannot mend. */
const final = new Set(["auth.forbidden", "session.not_found", "media.no_codec", "media.bad_sdp"]);

export function createPublisher(live_session_id: string, connection: Connection, devices: Devices) {
  const state = signal<PublisherState>("idle");
  const refusal = signal<Refusal | null>(null);
  const health = signal<Health | null>(null);
  let wanted = false;
  let held = false;
  let peer: Peer | null = null;
  let attempt = 0;
  let failures = 0;
  /** The id of our last peer that the server has answered. */
  let continues: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before: { bytes: number; at_ms: number } | null = null;

  async function publish(): Promise<void> {
    clearTimeout(timer);
    if (!wanted) return;
    const mine = ++attempt;
    state.value = state.value === "idle" || state.value === "connecting" ? "connecting" : "recovering";
    discard();
    const fresh = build();
    peer = fresh;
    try {
      await fresh.pc.setLocalDescription(await fresh.pc.createOffer());
      await gathered(fresh.pc);
      await freshToken();
      if (mine !== attempt) return;
      const offer = { live_session_id, sdp: fresh.pc.localDescription!.sdp, continues };
      const answer = await connection.call("webrtc.publish", offer, { timeout_ms: 10_000 });
      if (mine !== attempt) return;
      if (!answer.ok) return refused(answer.refused);
      continues = fresh.id = answer.ok.peer_id;
      await fresh.pc.setRemoteDescription({ type: "answer", sdp: answer.ok.sdp });
      watchForHangUp(fresh);
      timer = setTimeout(() => mine === attempt && fresh.connectedAt_ms === null && again(), connect_ms);
    } catch {
      if (mine === attempt) again();
    }
  }

  function build(): Peer {
    const pc = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
    const stream = new MediaStream();
    const send = (kind: "audio" | "video", track: MediaStreamTrack | null, encodings: RTCRtpEncodingParameters[]) => {
      if (track) stream.addTrack(track);
      return pc.addTransceiver(held || !track ? kind : track, { direction: "sendonly", streams: [stream], sendEncodings: encodings });
    };
    const audio = send("audio", devices.audio.value, [{}]);
    const video = send("video", devices.video.value, [{ maxBitrate: maxVideo_bps, maxFramerate: 30 }]);
    const capabilities = RTCRtpSender.getCapabilities("video");
    if (capabilities && "setCodecPreferences" in video) video.setCodecPreferences(preferred(capabilities.codecs));
    const made: Peer = { pc, id: null, source: null, connectedAt_ms: null, senders: { camera: video.sender, microphone: audio.sender } };
    pc.addEventListener("connectionstatechange", () => peer === made && changed(made));
    return made;
  }

  /** The server's goodbye closes DTLS at once; the connection as a whole notices after ten seconds. */
  function watchForHangUp(mine: Peer): void {
    const transport = mine.senders.camera.transport;
    transport?.addEventListener("statechange", () => peer === mine && transport.state === "closed" && again());
  }

  function changed(mine: Peer): void {
    switch (mine.pc.connectionState) {
      case "connected":
        clearTimeout(timer);
        mine.connectedAt_ms ??= performance.now();
        failures = 0;
        refusal.value = null;
        state.value = "on-air";
        return;
      case "disconnected":
        timer = setTimeout(() => peer === mine && mine.pc.connectionState === "disconnected" && again(), disconnected_ms);
        return;
      case "failed":
      case "closed":
        again();
        return;
      default:
    }
  }

  function refused(answer: Refusal): void {
    if (answer.code === "media.elsewhere") {
      stop();
      state.value = "elsewhere";
      return;
    }
    refusal.value = answer;
    if (final.has(answer.code)) {
      stop();
      state.value = "refused";
    } else again(answer.retry_after_s);
  }

  function again(after_s = 0): void {
    clearTimeout(timer);
    if (!wanted) return;
    state.value = "recovering";
    const wait_ms = Math.max(after_s * 1000, retry_ms[Math.min(failures, retry_ms.length - 1)]!) * (0.75 + Math.random() / 2);
    failures += 1;
    timer = setTimeout(() => void publish(), wait_ms);
  }

  function discard(): void {
    if (!peer) return;
    const old = peer;
    peer = null;
    before = null;
    old.pc.close();
    if (old.id && connection.link.value === "open") void connection.call("webrtc.close", { peer_id: old.id }, { timeout_ms: 3_000 });
  }

  function stop(): void {
    wanted = false;
    attempt += 1;
    clearTimeout(timer);
    discard();
    health.value = null;
    state.value = "idle";
  }

  async function sendTracks(): Promise<void> {
    if (!peer) return;
    await Promise.all([
      peer.senders.camera.replaceTrack(held ? null : devices.video.value),
      peer.senders.microphone.replaceTrack(held ? null : devices.audio.value),
    ]).catch(() => undefined);
  }
  devices.onTrack(() => void sendTracks());

  async function measure(): Promise<void> {
    const measuredPeer = peer;
    if (!measuredPeer || state.value !== "on-air" || held) return;
    const measured = await read(measuredPeer.pc, before);
    if (measured === null || peer !== measuredPeer) return;
    before = { bytes: measured.bytes, at_ms: measured.at_ms };
    if (measured.first) return;
    health.value = next(health.value, measured);
  }
  const statsTimer = setInterval(() => void measure(), stats_ms);

  return {
    state, refusal, health,
    start: () => {
      if (wanted) return;
      wanted = true;
      failures = 0;
      continues = null;
      refusal.value = null;
      void publish();
    },
    stop,
    /** Held: the connection stays, but neither picture nor sound is sent. */
    setHeld: (next_: boolean) => {
      if (held === next_) return;
      held = next_;
      health.value = null;
      before = null;
      void sendTracks();
    },
    setMedia: (now: Media) => {
      if (!wanted || !peer || peer.connectedAt_ms === null) return;
      if (now.available && peer.source === null) peer.source = now.source;
      const settled = performance.now() - peer.connectedAt_ms > 1_500;
      const moved = now.available && peer.source !== now.source;
      // What is said within a moment of our own (re)connection is about the peer before it.
      if ((!now.available && settled && !held) || moved) again();
    },
    dispose: () => {
      stop();
      clearInterval(statsTimer);
    },
  };
}

export type Publisher = ReturnType<typeof createPublisher>;

function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, gather_ms);
    pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && done());
  });
}

async function read(pc: RTCPeerConnection, before: { bytes: number; at_ms: number } | null): Promise<(Measured & { bytes: number; first: boolean }) | null> {
  let out: any = null;
  let back: any = null;
  for (const stat of (await pc.getStats()).values()) {
    if (stat.type === "outbound-rtp" && stat.kind === "video") out = stat;
    if (stat.type === "remote-inbound-rtp" && stat.kind === "video") back = stat;
  }
  if (!out) return null;
  const bytes = out.bytesSent ?? 0;
  const at_ms = performance.now();
  const bitrate_bps = before ? ((bytes - before.bytes) * 8_000) / (at_ms - before.at_ms) : 0;
  return {
    at_ms, bytes, first: before === null, bitrate_bps, fps: Math.round(out.framesPerSecond ?? 0), height: out.frameHeight ?? 0,
    round_trip_ms: back?.roundTripTime === undefined ? null : Math.round(back.roundTripTime * 1000),
    lost: back?.fractionLost ?? 0, limitedBy: out.qualityLimitationReason ?? "none",
  };
}
