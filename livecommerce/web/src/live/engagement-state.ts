/**
 * What people do together in one live session: questions, a poll, a giveaway. Pure.
 *
 * Each is told as it is now, in a lane of its own that may fall behind: of two states of one thing the greater
 * revision holds, whichever comes last and wherever it stood on the bus.
 */
import type { Engagement, Giveaway, MyEngagement, Poll, Question } from "../wire/contract.gen.ts";

export interface EngagementFacts extends Engagement {
  /** Questions that have left the queue: what comes late about them brings none back. */
  gone: ReadonlySet<string>;
}

export const noEngagement: EngagementFacts = {
  questions: [], poll: null, giveaway: null, mine: { upvoted: [], poll_option: null, entry_id: null }, gone: new Set(),
};

export function engagementFromSnapshot(facts: EngagementFacts, fresh: Engagement): EngagementFacts {
  return { ...fresh, mine: sameThings(facts, fresh), gone: facts.gone };
}

/** What we did a moment ago may be newer than the snapshot: a vote is not unsaid by it. */
function sameThings(facts: EngagementFacts, fresh: Engagement): MyEngagement {
  const { mine } = fresh;
  return {
    upvoted: [...new Set([...mine.upvoted, ...facts.mine.upvoted])],
    poll_option: mine.poll_option ?? (fresh.poll?.id === facts.poll?.id ? facts.mine.poll_option : null),
    entry_id: mine.entry_id ?? (fresh.giveaway?.id === facts.giveaway?.id ? facts.mine.entry_id : null),
  };
}

const waits = (question: Question): boolean => question.status === "open" || question.status === "picked";

export function withQuestions(facts: EngagementFacts, heard: readonly Question[]): EngagementFacts {
  const queue = new Map(facts.questions.map((question) => [question.id, question]));
  const gone = new Set(facts.gone);
  for (const question of heard) {
    if (gone.has(question.id) || (queue.get(question.id)?.revision ?? -1) >= question.revision) continue;
    if (waits(question)) queue.set(question.id, question);
    else {
      queue.delete(question.id);
      gone.add(question.id);
    }
  }
  return { ...facts, questions: [...queue.values()].sort((a, b) => a.asked_at_ms - b.asked_at_ms), gone };
}

export function withPoll(facts: EngagementFacts, poll: Poll): EngagementFacts {
  const known = facts.poll;
  if (known?.id === poll.id) return known.revision >= poll.revision ? facts : { ...facts, poll };
  if (known !== null && known.opened_at_ms > poll.opened_at_ms) return facts;
  return { ...facts, poll, mine: { ...facts.mine, poll_option: null } };
}

export function withGiveaway(facts: EngagementFacts, giveaway: Giveaway): EngagementFacts {
  const known = facts.giveaway;
  if (known?.id === giveaway.id) {
    const isOlder = known.drawn_at_ms !== null || (giveaway.drawn_at_ms === null && known.entries >= giveaway.entries);
    return isOlder ? facts : { ...facts, giveaway };
  }
  if (known !== null && known.opened_at_ms > giveaway.opened_at_ms) return facts;
  return { ...facts, giveaway, mine: { ...facts.mine, entry_id: null } };
}

/** Most wanted first; what is being answered now stands before all. */
export function inOrder(questions: readonly Question[]): readonly Question[] {
  const picked = (question: Question) => (question.status === "picked" ? 1 : 0);
  return [...questions].sort((a, b) => picked(b) - picked(a) || b.upvotes - a.upvotes || a.asked_at_ms - b.asked_at_ms);
}

/** Whole percents of the votes; they may add up to 99 or 101. */
export function shares(poll: Poll): readonly number[] {
  const all = poll.options.reduce((sum, option) => sum + option.votes, 0);
  return poll.options.map((option) => (all === 0 ? 0 : Math.round((100 * option.votes) / all)));
}

/** Taken: the poll takes no more votes, by the server's word or by the clock. */
export const isPollOver = (poll: Poll, now_ms: number): boolean => poll.closed_at_ms !== null || (poll.closes_at_ms !== null && poll.closes_at_ms <= now_ms);
