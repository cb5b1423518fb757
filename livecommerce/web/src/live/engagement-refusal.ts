/** Refusals of votes, entries and what opens them, in words. A code of these events that has none is a type error. */
import { refusalText } from "../i18n/refusal.ts";
import { live as liveWords } from "../i18n/live.ts";
import { together as words } from "../i18n/together.ts";
import type { GeneralRefusalCode, RefusalsOf } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";

type Event = "poll.open" | "poll.vote" | "poll.close" | "giveaway.open" | "giveaway.enter" | "giveaway.draw";
type Code = Exclude<RefusalsOf[Event], GeneralRefusalCode | "session.not_found" | "session.wrong_state">;

const worded: Record<Code, (refusal: Refusal) => string> = {
  "poll.not_found": () => words.value.pollGone(),
  "poll.closed": () => words.value.pollClosedText(),
  "poll.invalid": () => words.value.pollInvalid(),
  "poll.running": () => words.value.pollRunning(),
  "poll.key_reused": () => words.value.pollInvalid(),
  "giveaway.not_found": () => words.value.giveawayGone(),
  "giveaway.closed": () => words.value.giveawayClosed(),
  "giveaway.invalid": () => words.value.giveawayInvalid(),
  "giveaway.running": () => words.value.giveawayRunning(),
  "giveaway.key_reused": () => words.value.giveawayInvalid(),
  "session.not_joined": () => liveWords.value.notJoined(),
  "giveaway.not_eligible": () => words.value.giveawayNotEligible(),
  "chat.links": () => liveWords.value.chatLinks(),
  "chat.name": () => liveWords.value.chatName(),
};

export function engagementRefusal(refusal: Refusal): string {
  return refusal.code in worded ? worded[refusal.code as Code](refusal) : refusalText(refusal);
}
