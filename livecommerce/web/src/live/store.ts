/**
 * One live session on this page: joins it, feeds every event to the reducer, joins again after each gap,
 * and gives the page its actions. The viewer page and the studio both stand on it.
 */
import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import type { Inward, Outward } from "../wire/contract.gen.ts";
import { newId } from "../wire/id.ts";
import { restoring } from "../wire/identity.ts";
import type { Refusal, Reply } from "../wire/rest.ts";
import { connect, type Connection } from "../wire/socket.ts";
import { better, sample, serverNow, type Sample } from "./clock.ts";
import { nextChange } from "./selling.ts";
import { initial, reduce, type ChatLine, type LiveEvent, type LiveState } from "./state.ts";

export interface Store {
  id: string;
  connection: Connection;
  state: ReadonlySignal<LiveState>;
  /** Why the last session.join was refused, when it was for another reason than "not found". */
  trouble: ReadonlySignal<Refusal | null>;
  /** Server time, ms since 1970. */
  now_ms(): number;
  say(text: string): Promise<Reply<Inward["chat.send"]["ok"]>>;
  sayAgain(line: ChatLine): void;
  drop(line: ChatLine): void;
  apply(event: LiveEvent): void;
  onEvent(listener: (event: LiveEvent) => void): void;
  join(): Promise<void>;
  close(): void;
}

const names: (keyof Outward)[] = [
  "session.started", "session.paused", "session.resumed", "session.ended", "media.changed", "product.pinned",
  "product.unpinned", "stock.changed", "price.changed", "deal.started", "deal.counted", "deal.ended", "hold.changed", "chat.posted", "chat.deleted", "viewers.counted",
  "reactions.counted", "sales.counted", "order.updated", "sync.gap",
];

const resync_ms = 5 * 60_000;
/** Longer ones overflow. */
const longestTimer_ms = 24 * 3_600_000;

export function openStore(id: string, connection: Connection = connect()): Store {
  const state = signal<LiveState>(initial);
  const trouble = signal<Refusal | null>(null);
  const listeners: ((event: LiveEvent) => void)[] = [];
  let clock: Sample | null = null;
  let joining = false;
  let unsure = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let clockTimer: ReturnType<typeof setTimeout> | undefined;
  let watched_ms: number | null = null;

  function apply(event: LiveEvent): void {
    state.value = reduce(state.value, event);
    if (event.name !== "chat.posted") watchClock();
    for (const listener of listeners) listener(event);
    if (state.value.stale && !joining) void join();
  }

  /** Deals begin and holds run out without a word from the server: look again when the next one does. */
  function watchClock(): void {
    const next_ms = nextChange(state.value);
    if (next_ms === watched_ms) return;
    watched_ms = next_ms;
    clearTimeout(clockTimer);
    if (next_ms === null) return;
    clockTimer = setTimeout(() => {
      watched_ms = null;
      const now_ms = serverNow(clock);
      if (now_ms < next_ms - 50) watchClock();
      else apply({ name: "clock", at_ms: Math.max(next_ms, now_ms) });
    }, Math.min(longestTimer_ms, Math.max(0, next_ms - serverNow(clock))));
  }

  async function join(): Promise<void> {
    if (joining) return;
    joining = true;
    clearTimeout(retryTimer);
    const sent_ms = performance.now();
    const position = state.value.position;
    const payload = position === null ? { live_session_id: id } : { live_session_id: id, position };
    const answer = await connection.call("session.join", payload, { timeout_ms: 8_000 });
    joining = false;
    if (answer.ok) {
      clock = better(clock, sample(sent_ms, performance.now(), answer.ok.server_time_ms));
      trouble.value = null;
      apply({ name: "snapshot", payload: answer.ok });
    } else if (answer.refused.code === "session.not_found" || answer.refused.code === "payload.invalid") {
      // Whoever is signed in here may be the influencer of a private one: known in a moment.
      if (restoring.peek()) unsure = true;
      else apply({ name: "missing" });
    } else {
      if (answer.refused.code !== "connection.lost") trouble.value = answer.refused;
      // A lost link joins again by itself when it opens.
      if (connection.link.value === "open") retryTimer = setTimeout(() => void join(), 1_000 * Math.max(1, answer.refused.retry_after_s ?? 1));
    }
  }

  connection.onOpen(() => {
    joining = false;
    void join();
  });
  connection.onIdentity((you) => {
    apply({ name: "identity", you });
    if (state.value.phase === "missing") void join();
  });
  // The new identity has been sent when this runs, and the server takes one thing after the other.
  const stopAsking = effect(() => {
    if (restoring.value || !unsure) return;
    unsure = false;
    untracked(() => void join());
  });
  for (const name of names) {
    connection.on(name, (payload) => {
      if ("live_session_id" in payload && payload.live_session_id !== id && name !== "order.updated") return;
      apply({ name, payload } as LiveEvent);
    });
  }
  // A fresh look at the server's clock for countdowns, and at anything that slipped by while the tab slept.
  const resync = setInterval(() => connection.link.value === "open" && void join(), resync_ms);

  async function send(line_id: string, text: string): Promise<Reply<Inward["chat.send"]["ok"]>> {
    const answer = await connection.call("chat.send", { live_session_id: id, id: line_id, text }, { timeout_ms: 15_000, repeat: true });
    if (answer.ok) apply({ name: "line.sent", id: line_id, message: answer.ok.message, claim: answer.ok.claim });
    else apply({ name: "line.refused", id: line_id, refusal: answer.refused });
    return answer;
  }

  function pending(line_id: string, text: string): void {
    const { you } = state.value;
    apply({
      name: "line.pending",
      line: {
        id: line_id, text, name: you.display_name ?? "", role: you.role === "anonymous" ? "customer" : you.role,
        is_host: you.is_host, sent_at_ms: serverNow(clock), author_id: you.user_id ?? "",
      },
    });
  }

  return {
    id, connection, state, trouble,
    now_ms: () => serverNow(clock),
    say: (text) => {
      const line_id = newId();
      pending(line_id, text);
      return send(line_id, text);
    },
    sayAgain: (line) => {
      apply({ name: "line.dropped", id: line.id });
      pending(line.id, line.text);
      void send(line.id, line.text);
    },
    drop: (line) => apply({ name: "line.dropped", id: line.id }),
    apply,
    close: () => {
      stopAsking();
      clearInterval(resync);
      clearTimeout(retryTimer);
      clearTimeout(clockTimer);
      connection.close();
    },
    onEvent: (listener) => void listeners.push(listener),
    join,
  };
}

/** The product on the video, following its stock and price. */
export function pinnedProduct(store: Store) {
  return computed(() => {
    const { pinned, products } = store.state.value;
    return products.find((product) => product.id === pinned) ?? null;
  });
}
