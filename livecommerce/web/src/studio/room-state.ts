/** One live session in the studio: the store, the devices, the broadcast, and the actions of its influencer. */
import { computed, effect, signal } from "@preact/signals";
import { openStore, pinnedProduct } from "../live/store.ts";
import { isOver } from "../live/view.ts";
import type { Payload } from "../wire/contract.gen.ts";
import { freshToken } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import { keepAwake } from "../ui/wake-lock.ts";
import { createDevices } from "./devices.ts";
import { createPublisher } from "./publisher.ts";

export type BroadcastState = "scheduled" | "live" | "paused" | "connecting" | "recovering" | "no-picture" | "ended";

/** Marks this tab as the one that broadcasts, so that a reload goes on with it and a second tab does not. */
const broadcastingKey = "lc-broadcasting";

export function openRoom(live_session_id: string) {
  const store = openStore(live_session_id);
  const devices = createDevices();
  const publisher = createPublisher(live_session_id, store.connection, devices);
  const awake = keepAwake();
  const busy = signal<"start" | "pause" | "resume" | "end" | null>(null);
  const refusal = signal<Refusal | null>(null);
  const live = computed(() => store.state.value.live);
  const status = computed(() => live.value?.status ?? null);
  const onAir = computed(() => status.value === "live" || status.value === "paused");
  let freeLock: (() => void) | null = null;

  const broadcast = computed<BroadcastState>(() => {
    if (isOver(status.value)) return "ended";
    if (!onAir.value) return "scheduled";
    const sending = publisher.state.value;
    if (sending === "connecting") return "connecting";
    if (sending === "recovering") return "recovering";
    if (status.value === "paused") return "paused";
    return sending === "on-air" || store.state.value.media.available ? "live" : "no-picture";
  });

  /** Only one tab may broadcast; the lock goes with the tab, or to the tab that takes over. */
  function lock(takeOver: boolean): Promise<boolean> {
    if (freeLock) return Promise.resolve(true);
    if (!("locks" in navigator)) return Promise.resolve(true);
    return new Promise((resolve) => {
      navigator.locks.request(`lc-broadcast-${live_session_id}`, takeOver ? { steal: true } : { ifAvailable: true }, (held) => {
        resolve(held !== null);
        return held === null ? undefined : new Promise<void>((free) => { freeLock = free; });
      }).catch(stopBroadcast);
    });
  }

  async function broadcastFromHere(takeOver = false): Promise<void> {
    if (!(await lock(takeOver))) return;
    sessionStorage.setItem(broadcastingKey, live_session_id);
    publisher.setHeld(status.value === "paused");
    publisher.start();
  }

  async function act(kind: "start" | "pause" | "resume" | "end"): Promise<boolean> {
    busy.value = kind;
    refusal.value = null;
    await freshToken();
    const answer = await store.connection.call(`session.${kind}`, { live_session_id }, { timeout_ms: 10_000 });
    busy.value = null;
    if (answer.ok) {
      store.apply({ name: "told", live: answer.ok.live_session });
      return true;
    }
    refusal.value = answer.refused;
    return false;
  }

  function stopBroadcast(): void {
    publisher.stop();
    letGo();
  }

  /** This tab is no longer the one that broadcasts. */
  function letGo(): void {
    freeLock?.();
    freeLock = null;
    if (sessionStorage.getItem(broadcastingKey) === live_session_id) sessionStorage.removeItem(broadcastingKey);
  }

  store.onEvent((event) => {
    if (event.name === "snapshot" || event.name === "media.changed") publisher.setMedia(store.state.value.media);
  });
  effect(() => publisher.setHeld(status.value === "paused"));
  effect(() => { if (isOver(status.value)) { stopBroadcast(); devices.stop(); } });
  effect(() => { if (publisher.state.value === "elsewhere") letGo(); });
  effect(() => awake.set(onAir.value || devices.state.value === "on"));

  // A reload of the tab that was broadcasting goes on by itself, as far as the browser lets it.
  const wasHere = sessionStorage.getItem(broadcastingKey) === live_session_id;
  const resumed = effect(() => {
    if (!wasHere || !onAir.value || publisher.state.value !== "idle") return;
    queueMicrotask(() => resumed());
    void devices.start().then((started) => { if (started) void broadcastFromHere(); });
  });

  const guard = (event: BeforeUnloadEvent) => { if (publisher.state.value === "on-air" || publisher.state.value === "recovering") event.preventDefault(); };
  addEventListener("beforeunload", guard);
  const onVisible = () => { if (document.visibilityState === "visible") void devices.revive(); };
  document.addEventListener("visibilitychange", onVisible);

  return {
    store, devices, publisher, awake, busy, refusal, live, status, onAir, broadcast,
    pinned: pinnedProduct(store),
    broadcastFromHere,
    goLive: async () => { if (await act("start")) await broadcastFromHere(); },
    pause: () => act("pause"),
    resume: () => act("resume"),
    end: async () => { if (await act("end")) stopBroadcast(); },
    pin: (product_id: string) => store.connection.call("product.pin", { live_session_id, product_id }),
    startDeal: (deal: Payload<"deal.start">) => store.connection.call("deal.start", deal, { timeout_ms: 15_000, repeat: true }),
    stopDeal: (deal_id: string) => store.connection.call("deal.stop", { live_session_id, deal_id }),
    unpin: (product_id: string) => store.connection.call("product.unpin", { live_session_id, product_id }),
    close: () => {
      publisher.dispose();
      freeLock?.();
      devices.stop();
      awake.set(false);
      store.close();
      removeEventListener("beforeunload", guard);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}

export type RoomState = ReturnType<typeof openRoom>;
