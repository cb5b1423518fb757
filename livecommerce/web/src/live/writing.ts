/** Whether this person may write in the chat now, and what the field says about it. Pure. */
import { mayModerate, type ChatFacts } from "./chat-state.ts";

export type Mode = "open" | "over" | "off" | "muted" | "followers" | "buyers" | "slow";

export interface Writing {
  mode: Mode;
  /** The field takes text. */
  mayType: boolean;
  /** A message would be taken, as far as this page knows. */
  maySend: boolean;
  /** Server time at which it is different by itself. */
  until_ms: number | null;
}

const open: Writing = { mode: "open", mayType: true, maySend: true, until_ms: null };

/** over: the live session is; the influencer always may, and moderators unless they are muted. */
export function writing(facts: ChatFacts, is_host: boolean, over: boolean, now_ms: number): Writing {
  if (over) return { ...open, mode: "over", mayType: false, maySend: false };
  const { settings, standing, writeFrom_ms } = facts;
  if (is_host) return open;
  if (standing.muted_until_ms !== null && standing.muted_until_ms > now_ms) {
    return { mode: "muted", mayType: false, maySend: false, until_ms: standing.muted_until_ms };
  }
  if (mayModerate(facts, is_host)) return open;
  if (!settings.is_enabled) return { ...open, mode: "off", mayType: false, maySend: false };
  // Where it is not known who follows, the server says so when they try.
  if (settings.audience === "followers" && standing.is_following !== true) return { ...open, mode: "followers", maySend: standing.is_following === null };
  if (writeFrom_ms > now_ms) return { mode: "slow", mayType: true, maySend: false, until_ms: writeFrom_ms };
  // Whether they have bought here the server knows; it says so when they try.
  return settings.audience === "buyers" ? { ...open, mode: "buyers" } : open;
}

/** A message that begins so is a question for the influencer. */
const asking = /^@(?:question|q|सवाल|प्रश्न)(?:\s+|$)/iu;

/** The question in a message that is one; null for any other message. */
export function questionIn(text: string): string | null {
  return asking.test(text) ? text.replace(asking, "").trim() : null;
}
