/**
 * The chat of one live session: its lines, by which rules it is written, and what this person may do in it. Pure.
 *
 * Our own lines are added at once as pending and become sent, held for review, or refused, by the answer to
 * chat.send.
 */
import type { ChatMessage, ChatSettings, ChatStanding, ChatState, HeldMessage, Outward, PostedMessage } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";

export interface ChatLine extends ChatMessage {
  /** held: only its author sees it until a moderator has looked at it. */
  state: "sent" | "pending" | "held" | "refused";
  refusal?: Refusal;
}

export interface ChatFacts {
  chat: readonly ChatLine[];
  settings: ChatSettings;
  pinnedMessage: ChatMessage | null;
  standing: ChatStanding;
  /** What waits for review, for those who may moderate. */
  held: readonly HeldMessage[];
  /** Server time until which slow mode takes no other message of ours. */
  writeFrom_ms: number;
  /** What was said until then is gone, of everybody or by account, though the word of it may come late. */
  clearedUntil_ms: number;
  purgedUntil_ms: Readonly<Record<string, number>>;
}

type ChatEvent = { [E in ChatEventName]: { name: E; payload: Outward[E] } }[ChatEventName];
type ChatEventName = "chat.posted" | "chat.deleted" | "chat.purged" | "chat.cleared" | "chat.announced" | "chat.pinned" | "chat.unpinned"
  | "chat.configured" | "chat.held" | "chat.reviewed";

/** Chat lines kept in memory; the page draws fewer. */
export const chatKept = 500;

export const noChat: ChatFacts = {
  chat: [],
  settings: { is_enabled: true, slow_mode_s: 0, audience: "everyone", links: "allow", filter: "off" },
  pinnedMessage: null,
  standing: { permissions: [], muted_until_ms: null, is_following: null },
  held: [],
  writeFrom_ms: 0,
  clearedUntil_ms: -1,
  purgedUntil_ms: {},
};

/** A recoverable event of the chat; the same facts for an event of another part. */
export function chatAfter(facts: ChatFacts, event: ChatEvent | { name: string; payload: unknown }): ChatFacts {
  const { name, payload } = event as ChatEvent;
  switch (name) {
    case "chat.posted":
      return withLines(facts, payload.messages.filter((message) => !isGone(facts, message)).reduce(posted, facts.chat));
    case "chat.announced":
      return isGone(facts, payload.message) ? facts : withLines(facts, posted(facts.chat, payload.message));
    case "chat.deleted":
      return without(facts, (message) => message.id === payload.message_id);
    case "chat.purged":
      return purged(facts, payload.user_id, payload.until_ms);
    case "chat.cleared":
      return cleared(facts, payload.until_ms);
    case "chat.pinned":
      return isGone(facts, payload.message) ? facts : { ...facts, pinnedMessage: payload.message };
    case "chat.unpinned":
      return { ...facts, pinnedMessage: null };
    case "chat.configured":
      return { ...facts, settings: payload.settings, writeFrom_ms: payload.settings.slow_mode_s === 0 ? 0 : facts.writeFrom_ms };
    case "chat.held":
      return facts.held.some(({ message }) => message.id === payload.held.message.id) ? facts : { ...facts, held: [...facts.held, payload.held] };
    case "chat.reviewed":
      return { ...facts, held: facts.held.filter(({ message }) => message.id !== payload.message_id) };
    default:
      return facts;
  }
}

/** Lines that the snapshot does not hold are gone: they may have been deleted meanwhile. */
export function chatFromSnapshot(facts: ChatFacts, history: readonly ChatMessage[], state: ChatState, user_id: string | null): ChatFacts {
  const known = new Set(history.map((message) => message.id));
  const own = facts.chat.filter((line) => line.state !== "sent" && !known.has(line.id));
  const fresh: ChatFacts = {
    chat: [...history.map((message) => ({ ...message, state: "sent" as const })), ...own],
    settings: state.settings, pinnedMessage: state.pinned, standing: state.you, held: state.held, writeFrom_ms: facts.writeFrom_ms,
    clearedUntil_ms: facts.clearedUntil_ms, purgedUntil_ms: facts.purgedUntil_ms,
  };
  const last = user_id === null ? undefined : history.findLast((message) => message.author_id === user_id);
  return last ? slowed(fresh, last.sent_at_ms) : fresh;
}

export function withPending(facts: ChatFacts, line: ChatMessage): ChatFacts {
  return withLines(facts, [...facts.chat, { ...line, state: "pending" }]);
}

/** The answer may come before or after the line itself; both lead to one sent line. */
export function withAnswer(facts: ChatFacts, id: string, message: ChatMessage, is_held: boolean): ChatFacts {
  const chat = facts.chat.map((line) => (line.id !== id || (is_held && line.state === "sent") ? line : { ...message, state: is_held ? "held" as const : "sent" as const }));
  // Whoever may write among followers is one.
  const standing = facts.settings.audience === "followers" && !mayModerate(facts, message.is_host) ? { ...facts.standing, is_following: true } : facts.standing;
  return slowed({ ...facts, chat, standing }, message.sent_at_ms);
}

export function withRefusal(facts: ChatFacts, id: string, refusal: Refusal, now_ms: number): ChatFacts {
  const chat = facts.chat.map((line) => (line.id === id && line.state === "pending" ? { ...line, state: "refused" as const, refusal } : line));
  const standing = refusal.code === "chat.followers_only" ? { ...facts.standing, is_following: false } : facts.standing;
  const isSlow = refusal.code === "chat.slow_mode" && refusal.retry_after_s !== undefined;
  return { ...facts, chat, standing, writeFrom_ms: isSlow ? now_ms + refusal.retry_after_s! * 1000 : facts.writeFrom_ms };
}

/** What became of a line of ours that was held. An approved one is posted as any other. */
export function withDecision(facts: ChatFacts, id: string, is_approved: boolean): ChatFacts {
  const refusal: Refusal = { code: "chat.not_approved", message: "" };
  return {
    ...facts,
    chat: facts.chat.map((line) => (line.id !== id || line.state !== "held" ? line : is_approved ? { ...line, state: "sent" } : { ...line, state: "refused", refusal })),
  };
}

export function withoutLine(facts: ChatFacts, id: string): ChatFacts {
  return { ...facts, chat: facts.chat.filter((line) => line.id !== id) };
}

/** Without what only those see who may moderate. Our own lines stay: whoever is hidden does not know it. */
export function withoutReview(facts: ChatFacts, user_id: string | null): Pick<ChatFacts, "chat" | "held"> {
  const hidden = (line: ChatLine) => line.marks?.includes("hidden") ?? false;
  const seen = facts.chat.filter((line) => !hidden(line) || line.author_id === user_id);
  return { held: [], chat: seen.map((line) => (hidden(line) ? { ...line, marks: line.marks!.filter((mark) => mark !== "hidden") } : line)) };
}

/** Without what is told once more, so that what was missed between comes to stand where it belongs. */
export function withoutTold(facts: ChatFacts, events: readonly { name: string; payload: unknown }[]): Pick<ChatFacts, "chat" | "held"> {
  const told = new Set((events as readonly ChatEvent[]).flatMap(toldIn).map((message) => message.id));
  return {
    chat: facts.chat.filter((line) => line.state !== "sent" || !told.has(line.id)),
    held: facts.held.filter(({ message }) => !told.has(message.id)),
  };
}

function toldIn({ name, payload }: ChatEvent): readonly ChatMessage[] {
  switch (name) {
    case "chat.posted":
      return payload.messages;
    case "chat.announced":
      return [payload.message];
    case "chat.held":
      return [payload.held.message];
    default:
      return [];
  }
}

/** Whether this person keeps the chat in order; the influencer has every right. */
export const mayModerate = (facts: ChatFacts, is_host: boolean): boolean => is_host || facts.standing.permissions.includes("moderate_chat");

function slowed(facts: ChatFacts, sent_at_ms: number): ChatFacts {
  const { slow_mode_s } = facts.settings;
  return slow_mode_s === 0 ? facts : { ...facts, writeFrom_ms: Math.max(facts.writeFrom_ms, sent_at_ms + slow_mode_s * 1000) };
}

function withLines(facts: ChatFacts, chat: readonly ChatLine[]): ChatFacts {
  return { ...facts, chat: chat.length > chatKept ? chat.slice(-chatKept) : chat };
}

function posted(chat: readonly ChatLine[], posted: ChatMessage | PostedMessage): readonly ChatLine[] {
  const { offset: _, ...message } = { offset: 0, ...posted };
  const line: ChatLine = { ...message, state: "sent" };
  const at = chat.findIndex((other) => other.id === message.id);
  return at < 0 ? [...chat, line] : chat.with(at, line);
}

/** By when it was sent, not by the order of the words: these may come late, or twice. */
function isGone({ clearedUntil_ms, purgedUntil_ms }: ChatFacts, { author_id, sent_at_ms }: ChatMessage): boolean {
  return sent_at_ms <= Math.max(clearedUntil_ms, purgedUntil_ms[author_id] ?? -1);
}

/** A server of before says no time: it means what there is. */
const newest = (messages: readonly ChatMessage[]): number => Math.max(-1, ...messages.map((message) => message.sent_at_ms));

function cleared(facts: ChatFacts, until_ms: number = newest(sent(facts))): ChatFacts {
  const clearedUntil_ms = Math.max(facts.clearedUntil_ms, until_ms);
  return { ...without(facts, (message) => message.sent_at_ms <= until_ms), held: facts.held, clearedUntil_ms };
}

/** What the server knows, too. */
function sent({ chat, pinnedMessage }: ChatFacts): readonly ChatMessage[] {
  const lines = chat.filter((line) => line.state === "sent");
  return pinnedMessage === null ? lines : [...lines, pinnedMessage];
}

function purged(
  facts: ChatFacts, user_id: string,
  until_ms: number = newest([...sent(facts), ...facts.held.map(({ message }) => message)].filter(({ author_id }) => author_id === user_id)),
): ChatFacts {
  const purgedUntil_ms = { ...facts.purgedUntil_ms, [user_id]: Math.max(until_ms, facts.purgedUntil_ms[user_id] ?? -1) };
  return { ...without(facts, (message) => message.author_id === user_id && message.sent_at_ms <= until_ms), purgedUntil_ms };
}

/** Lines of our own that are not sent yet stay: nobody else has seen them. */
function without(facts: ChatFacts, isGone: (message: ChatMessage) => boolean): ChatFacts {
  const { pinnedMessage } = facts;
  return {
    ...facts,
    chat: facts.chat.filter((line) => line.state === "pending" || line.state === "refused" || !isGone(line)),
    held: facts.held.filter(({ message }) => !isGone(message)),
    pinnedMessage: pinnedMessage !== null && isGone(pinnedMessage) ? null : pinnedMessage,
  };
}
