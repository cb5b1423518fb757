/** Refusals of what is written, in words. A code of these events that has none is a type error. */
import { live as words } from "../i18n/live.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { GeneralRefusalCode, RefusalsOf } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";

type Code = Exclude<RefusalsOf["chat.send"] | RefusalsOf["question.ask"] | RefusalsOf["question.upvote"], GeneralRefusalCode | "session.not_found">
  | "rate.limited" | "chat.not_approved";

const worded: Record<Code, (refusal: Refusal, max: number) => string> = {
  "chat.empty": () => words.value.chatNothing(),
  "question.empty": () => words.value.chatNothing(),
  "chat.too_long": (_, max) => words.value.chatTooLong({ max }),
  "question.too_long": (_, max) => words.value.chatTooLong({ max }),
  "session.wrong_state": () => words.value.chatOver(),
  "session.not_joined": () => words.value.notJoined(),
  "chat.off": () => words.value.composerOff(),
  "chat.muted": (refusal) => seconds(refusal, words.value.chatMutedFor, words.value.chatMuted),
  "chat.slow_mode": (refusal) => seconds(refusal, words.value.chatSlowMode, words.value.chatSlowModeOn),
  "chat.followers_only": () => words.value.composerFollowers(),
  "chat.buyers_only": () => words.value.chatBuyersOnly(),
  "chat.links": () => words.value.chatLinks(),
  "chat.words": () => words.value.chatWords(),
  "chat.name": () => words.value.chatName(),
  "chat.review_full": () => words.value.chatReviewFull(),
  "chat.not_approved": () => words.value.lineNotApproved(),
  "question.too_many": () => words.value.questionTooMany(),
  "question.key_reused": () => words.value.questionTooMany(),
  "question.not_found": () => words.value.questionGone(),
  "question.closed": () => words.value.questionGone(),
  "question.already_upvoted": () => words.value.questionUpvoted(),
  "rate.limited": (refusal) => words.value.chatSlow({ seconds: Math.ceil(refusal.retry_after_s ?? 1) }),
};

function seconds(refusal: Refusal, timed: (a: { seconds: number }) => string, plain: () => string): string {
  return refusal.retry_after_s === undefined ? plain() : timed({ seconds: Math.ceil(refusal.retry_after_s) });
}

export function chatRefusal(refusal: Refusal, max: number): string {
  return refusal.code in worded ? worded[refusal.code as Code](refusal, max) : refusalText(refusal);
}

/** Saying it again would not help. */
export const isFinal = (refusal: Refusal): boolean => refusal.code === "chat.not_approved" || refusal.code === "chat.words" || refusal.code === "chat.links" || refusal.code === "chat.name";
