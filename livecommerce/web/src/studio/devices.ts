/** Camera and microphone: permission, choice, level of the sound, and what happens when one goes away. */
import { computed, signal } from "@preact/signals";

export type DeviceKind = "camera" | "microphone";
export type DeviceFailure = "not-allowed" | "no-camera" | "no-microphone" | "in-use" | "insecure" | "unsupported" | "failed";
type Track = MediaStreamTrack;

/** A replaced device, to be said in words. `other` is null when nothing took its place. */
export interface Replaced {
  kind: DeviceKind;
  name: string;
  other: string | null;
}

/** Sound above this root mean square counts as somebody speaking. */
const speech = 0.012;

function pictureWanted(): MediaTrackConstraints {
  const upright = matchMedia("(pointer: coarse) and (orientation: portrait)").matches;
  const [width, height] = upright ? [720, 1280] : [1280, 720];
  return { width: { ideal: width! }, height: { ideal: height! }, frameRate: { ideal: 30, max: 30 } };
}

const soundWanted: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

async function failureOf(error: unknown): Promise<DeviceFailure> {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "not-allowed";
  if (name === "NotReadableError" || name === "AbortError") return "in-use";
  if (name !== "NotFoundError" && name !== "OverconstrainedError") return "failed";
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return devices.some((device) => device.kind === "videoinput") ? "no-microphone" : "no-camera";
}

export function createDevices() {
  const state = signal<"off" | "asking" | "on" | "failed">("off");
  const failure = signal<DeviceFailure | null>(null);
  const known = signal<MediaDeviceInfo[]>([]);
  const video = signal<Track | null>(null);
  const audio = signal<Track | null>(null);
  const muted = signal(false);
  /** Sound level 0 to 1 on a scale like the ear's, its held peak, and whether speech was heard lately. */
  const level = signal(0);
  const peak = signal(0);
  const heard = signal(false);
  const listening = signal(false);
  const facing = signal<"user" | "environment">("user");
  const trackListeners: ((kind: DeviceKind, track: Track | null) => void)[] = [];
  const replacedListeners: ((replaced: Replaced) => void)[] = [];
  let context: AudioContext | null = null;
  let meter: { node: MediaStreamAudioSourceNode; stop: () => void } | null = null;

  const slot = (kind: DeviceKind) => (kind === "camera" ? video : audio);
  const preview = computed(() => (video.value ? new MediaStream([video.value]) : null));

  let starting: Promise<boolean> | null = null;

  /** Ask for both devices; a second call while the browser asks waits for the same answer. */
  function start(): Promise<boolean> {
    starting ??= ask().finally(() => { starting = null; });
    return starting;
  }

  async function ask(): Promise<boolean> {
    if (state.value === "on") return true;
    if (!isSecureContext) return fail("insecure");
    if (!navigator.mediaDevices?.getUserMedia || !("RTCPeerConnection" in globalThis)) return fail("unsupported");
    state.value = "asking";
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: { ...pictureWanted(), facingMode: { ideal: facing.value } }, audio: soundWanted,
      });
      take("camera", stream.getVideoTracks()[0] ?? null);
      take("microphone", stream.getAudioTracks()[0] ?? null);
      state.value = "on";
      failure.value = null;
      await list();
      return true;
    } catch (error) {
      return fail(await failureOf(error));
    }
  }

  function fail(what: DeviceFailure): false {
    failure.value = what;
    state.value = "failed";
    return false;
  }

  async function list(): Promise<void> {
    known.value = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.deviceId !== "");
  }

  function take(kind: DeviceKind, track: Track | null): void {
    slot(kind).value = track;
    if (track) {
      if (kind === "camera") track.contentHint = "motion";
      else {
        track.enabled = !muted.value;
        listen(track);
      }
      track.addEventListener("ended", () => slot(kind).value === track && void lose(kind, track));
    }
    for (const listener of trackListeners) listener(kind, track);
  }

  /** The device is gone: go on with another one if there is any. */
  async function lose(kind: DeviceKind, track: Track): Promise<void> {
    const name = track.label;
    try {
      const fresh = await open(kind, null);
      take(kind, fresh);
      await list();
      for (const listener of replacedListeners) listener({ kind, name, other: fresh.label });
    } catch {
      take(kind, null);
      await list();
      for (const listener of replacedListeners) listener({ kind, name, other: null });
    }
  }

  async function open(kind: DeviceKind, id: string | null): Promise<Track> {
    const exact = id ? { deviceId: { exact: id } } : {};
    const stream = await navigator.mediaDevices.getUserMedia(
      kind === "camera"
        ? { video: { ...pictureWanted(), ...(id ? exact : { facingMode: { ideal: facing.value } }) } }
        : { audio: { ...soundWanted, ...exact } },
    );
    return stream.getTracks()[0]!;
  }

  /** Change the device. The old track stops first: many cameras open only once (NotReadableError otherwise). */
  async function pick(kind: DeviceKind, id: string | null): Promise<void> {
    const old = slot(kind).value;
    const oldId = old?.getSettings().deviceId ?? null;
    old?.stop();
    try {
      take(kind, await open(kind, id));
      failure.value = null;
    } catch (error) {
      failure.value = await failureOf(error);
      take(kind, await open(kind, oldId).catch(() => null));
    }
    await list();
  }

  async function flip(): Promise<void> {
    facing.value = facing.value === "user" ? "environment" : "user";
    const cameras = known.value.filter((device) => device.kind === "videoinput");
    const current = video.value?.getSettings().deviceId;
    const at = cameras.findIndex((camera) => camera.deviceId === current);
    // Facing is known on phones only; elsewhere "other camera" is the next in the list.
    const byFacing = matchMedia("(pointer: coarse)").matches;
    await pick("camera", byFacing || cameras.length < 2 ? null : cameras[(at + 1) % cameras.length]!.deviceId);
  }

  function setMuted(next: boolean): void {
    muted.value = next;
    if (audio.value) audio.value.enabled = !next;
  }

  function listen(track: Track): void {
    meter?.stop();
    context ??= new AudioContext();
    const wake = () => void context?.resume();
    if (context.state !== "running") addEventListener("pointerdown", wake, { once: true });
    const node = context.createMediaStreamSource(new MediaStream([track]));
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    node.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let heardAt_ms = -Infinity;
    let frame = 0;
    const read = () => {
      frame = requestAnimationFrame(read);
      listening.value = context?.state === "running";
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
      // -60 dB to 0 dB onto 0 to 1.
      const now = rms > 0 ? Math.min(1, Math.max(0, 1 + Math.log10(rms) / 3)) : 0;
      level.value = Math.max(now, level.value - 0.03);
      peak.value = Math.max(now, peak.value - 0.006);
      const now_ms = performance.now();
      if (rms > speech) heardAt_ms = now_ms;
      heard.value = now_ms - heardAt_ms < 5_000;
    };
    read();
    meter = {
      node,
      stop: () => {
        cancelAnimationFrame(frame);
        node.disconnect();
      },
    };
  }

  function stop(): void {
    meter?.stop();
    meter = null;
    video.value?.stop();
    audio.value?.stop();
    take("camera", null);
    take("microphone", null);
    void context?.close();
    context = null;
    state.value = "off";
  }

  /** Without asking anybody: true when both permissions are already given. */
  async function allowed(): Promise<boolean> {
    try {
      const answers = await Promise.all(["camera", "microphone"].map((name) => navigator.permissions.query({ name: name as PermissionName })));
      return answers.every((answer) => answer.state === "granted");
    } catch {
      return false;
    }
  }

  /** After a call or another app, a phone's tracks may claim to be live while they are dead. */
  async function revive(): Promise<void> {
    void context?.resume();
    const dead = (["camera", "microphone"] as const).filter((kind) => {
      const track = slot(kind).value;
      return track !== null && (track.readyState === "ended" || track.muted);
    });
    for (const kind of dead) await pick(kind, slot(kind).value?.getSettings().deviceId ?? null);
  }

  navigator.mediaDevices?.addEventListener("devicechange", () => state.value === "on" && void list());

  return {
    state, failure, known, video, audio, muted, level, peak, heard, listening, preview,
    cameras: computed(() => known.value.filter((device) => device.kind === "videoinput")),
    microphones: computed(() => known.value.filter((device) => device.kind === "audioinput")),
    start, pick, flip, setMuted, stop, allowed, revive,
    onTrack: (listener: (kind: DeviceKind, track: Track | null) => void) => void trackListeners.push(listener),
    onReplaced: (listener: (replaced: Replaced) => void) => void replacedListeners.push(listener),
  };
}

export type Devices = ReturnType<typeof createDevices>;
