/**
 * One live session on this page: joins it, feeds every event to the reducer, asks for what was missed after each gap
 * or loss of the connection, and gives the page its actions. The viewer page and the studio both stand on it.
 */
import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { OUTWARD_NAMES, type Inward, type Payload, type Position, type Snapshot } from "../wire/contract.gen.ts";
import { clientId } from "../wire/client-id.ts";
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
  say(text: string, reply_to?: ChatLine | null): Promise<Reply<Inward["chat.send"]["ok"]>>;
  ask(text: string): Promise<Reply<Inward["question.ask"]["ok"]>>;
  sayAgain(line: ChatLine): void;
  drop(line: ChatLine): void;
  apply(event: LiveEvent): void;
  /** Answers with the way to stop listening. */
  onEvent(listener: (event: LiveEvent) => void): () => void;
  join(): Promise<void>;
  close(): void;
}

const resync_ms = 5 * 60_000;
/** Longer ones overflow. */
const longestTimer_ms = 24 * 3_600_000;
/** What was missed comes in pieces; after so many a fresh snapshot is less. */
const mostPieces = 20;
/** Events that come meanwhile wait; more than these, and a fresh snapshot is less. */
const mostWaiting = 1_000;

export function openStore(id: string, connection: Connection = connect()): Store {
  const state = signal<LiveState>(initial);
  const trouble = signal<Refusal | null>(null);
  const listeners: ((event: LiveEvent) => void)[] = [];
  let clock: Sample | null = null;
  let joining = false;
  /** Counts what was asked of the server about where we are; an answer to an earlier one is about another connection or page. */
  let asked = 0;
  /** Events heard while what lies before them is being asked for; null when nothing is. */
  let waiting: LiveEvent[] | null = null;
  let unsure = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let clockTimer: ReturnType<typeof setTimeout> | undefined;
  let watched_ms: number | null = null;

  function apply(event: LiveEvent): void {
    state.value = reduce(state.value, event);
    if (event.name !== "chat.posted") watchClock();
    for (const listener of [...listeners]) listener(event);
    if (state.value.stale && !joining && retryTimer === undefined && connection.link.value === "open") void enter();
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

  function heard(event: LiveEvent): void {
    const isOrdered = "payload" in event && "offset" in event.payload;
    if (waiting === null || !isOrdered) apply(event);
    else if (waiting.length < mostWaiting) waiting.push(event);
  }

  /** Whatever was missed: from where we are when we have been here, else all there is. */
  function enter(): Promise<void> {
    const { phase, position, stale } = state.value;
    const from = stale === null ? position : stale.from;
    return phase === "ready" && from !== null ? recover(from) : join();
  }

  async function join(): Promise<void> {
    if (joining) return;
    joining = true;
    stopRetrying();
    const sent_ms = performance.now();
    const turn = (asked += 1);
    const answer = await connection.call("session.join", { live_session_id: id, client_id: clientId() }, { timeout_ms: 8_000 });
    if (turn !== asked) return;
    joining = false;
    if (answer.ok) entered(answer.ok, sent_ms);
    else turnedAway(answer.refused);
  }

  async function recover(from: Position): Promise<void> {
    if (joining) return;
    joining = true;
    waiting = [];
    stopRetrying();
    const turn = (asked += 1);
    let at = from;
    let isComplete = false;
    let refused: Refusal | undefined;
    for (let piece = 1; piece <= mostPieces && !isComplete; piece += 1) {
      const sent_ms = performance.now();
      const answer = await connection.call("session.recover", { live_session_id: id, client_id: clientId(), position: at }, { timeout_ms: 8_000 });
      if (turn !== asked) return;
      if (!answer.ok) {
        refused = answer.refused;
        break;
      }
      const { snapshot, position, server_time_ms, is_complete } = answer.ok;
      if (snapshot !== null) entered(snapshot, sent_ms);
      else {
        clock = better(clock, sample(sent_ms, performance.now(), server_time_ms));
        trouble.value = null;
        apply({ name: "recovered", from: at, answer: answer.ok });
      }
      at = position;
      isComplete = snapshot !== null || is_complete;
    }
    const meanwhile = waiting ?? [];
    waiting = null;
    const isUpToDate = isComplete && meanwhile.length < mostWaiting;
    // What waited is not applied then: until something newer is asked for, later events must not hide that it is missing.
    if (!isUpToDate) apply({ name: "missed", from: at });
    joining = false;
    if (refused) return turnedAway(refused);
    if (!isUpToDate) return join();
    for (const event of meanwhile) apply(event);
  }

  function stopRetrying(): void {
    clearTimeout(retryTimer);
    retryTimer = undefined;
  }

  function retry(): void {
    retryTimer = undefined;
    void enter();
  }

  function entered(snapshot: Snapshot, sent_ms: number): void {
    clock = better(clock, sample(sent_ms, performance.now(), snapshot.server_time_ms));
    trouble.value = null;
    apply({ name: "snapshot", payload: snapshot });
  }

  function turnedAway(refusal: Refusal): void {
    if (refusal.code === "session.banned") apply({ name: "banned" });
    else if (refusal.code === "session.not_found" || refusal.code === "payload.invalid") {
      // Whoever is signed in here may be the influencer of a private one: known in a moment.
      if (restoring.peek()) unsure = true;
      else apply({ name: "missing" });
    } else {
      if (refusal.code !== "connection.lost") trouble.value = refusal;
      // A lost link joins again by itself when it opens.
      if (connection.link.value === "open") retryTimer = setTimeout(retry, 1_000 * Math.max(1, refusal.retry_after_s ?? 1));
    }
  }

  connection.onOpen(() => {
    asked += 1;
    joining = false;
    waiting = null;
    void enter();
  });
  connection.onIdentity((you) => {
    apply({ name: "identity", you });
    if (state.value.phase === "missing" || state.value.phase === "banned") void join();
  });
  // The new identity has been sent when this runs, and the server takes one thing after the other.
  const stopAsking = effect(() => {
    if (restoring.value || !unsure) return;
    unsure = false;
    untracked(() => void join());
  });
  for (const name of OUTWARD_NAMES) {
    connection.on(name, (payload) => {
      if ("live_session_id" in payload && payload.live_session_id !== id && name !== "order.updated") return;
      heard({ name, payload } as LiveEvent);
    });
  }
  // A fresh look at the server's clock for countdowns, and at anything that slipped by while the tab slept.
  const resync = setInterval(() => connection.link.value === "open" && void enter(), resync_ms);

  async function send(line_id: string, text: string, reply_to: ChatLine["reply_to"]): Promise<Reply<Inward["chat.send"]["ok"]>> {
    const payload: Payload<"chat.send"> = { live_session_id: id, id: line_id, text, ...(reply_to ? { reply_to: reply_to.message_id } : {}) };
    const answer = await connection.call("chat.send", payload, { timeout_ms: 15_000, repeat: true });
    if (answer.ok) apply({ name: "line.sent", id: line_id, message: answer.ok.message, is_held: answer.ok.is_held, claim: answer.ok.claim });
    else apply({ name: "line.refused", id: line_id, refusal: answer.refused, now_ms: serverNow(clock) });
    return answer;
  }

  function pending(line_id: string, text: string, reply_to: ChatLine["reply_to"]): void {
    const { you } = state.value;
    apply({
      name: "line.pending",
      line: {
        id: line_id, text, name: you.display_name ?? "", role: you.role === "anonymous" ? "customer" : you.role,
        is_host: you.is_host, sent_at_ms: serverNow(clock), author_id: you.user_id ?? "", ...(reply_to ? { reply_to } : {}),
      },
    });
  }

  return {
    id, connection, state, trouble,
    now_ms: () => serverNow(clock),
    say: (text, answered) => {
      const line_id = newId();
      const reply_to = answered ? { message_id: answered.id, author_id: answered.author_id, name: answered.name } : null;
      pending(line_id, text, reply_to);
      return send(line_id, text, reply_to);
    },
    ask: async (text) => {
      const answer = await connection.call("question.ask", { live_session_id: id, id: newId(), text }, { timeout_ms: 15_000, repeat: true });
      if (answer.ok) apply({ name: "question.told", question: answer.ok.question });
      return answer;
    },
    sayAgain: (line) => {
      apply({ name: "line.dropped", id: line.id });
      pending(line.id, line.text, line.reply_to);
      void send(line.id, line.text, line.reply_to);
    },
    drop: (line) => apply({ name: "line.dropped", id: line.id }),
    apply,
    close: () => {
      asked += 1;
      stopAsking();
      clearInterval(resync);
      clearTimeout(retryTimer);
      clearTimeout(clockTimer);
      connection.close();
    },
    onEvent: (listener) => {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
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
