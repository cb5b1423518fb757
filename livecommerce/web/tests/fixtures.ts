/** Values of the wire that more than one test needs. */
import { noChat } from "../src/live/chat-state.ts";
import type { ChatMessage, ChatState, Engagement, Giveaway, Poll, Question } from "../src/wire/contract.gen.ts";

export const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

export const chatState = (more: Partial<ChatState> = {}): ChatState =>
  ({ settings: noChat.settings, pinned: null, you: noChat.standing, held: [], ...more });

export const engagement: Engagement = { questions: [], poll: null, giveaway: null, mine: { upvoted: [], poll_option: null, entry_id: null } };

export const message = (n: number, more: Partial<ChatMessage> = {}): ChatMessage =>
  ({ id: id(5000 + n), text: `line ${n}`, name: "Meera", role: "customer", is_host: false, sent_at_ms: 1_000_000 + n, author_id: id(9), ...more });

export const question = (n: number, more: Partial<Question> = {}): Question =>
  ({ id: id(6000 + n), text: `question ${n}`, name: "Meera", role: "customer", author_id: id(9), upvotes: 0, status: "open", asked_at_ms: n, revision: 1, ...more });

export const poll = (more: Partial<Poll> = {}): Poll => ({
  id: id(7000), question: "Red or blue?", options: [{ text: "Red", votes: 0 }, { text: "Blue", votes: 0 }], voters: 0, opened_at_ms: 1_000, closes_at_ms: null,
  closed_at_ms: null, revision: 1, ...more,
});

export const giveaway = (more: Partial<Giveaway> = {}): Giveaway => ({
  id: id(8000), prize: "A scarf", winners_max: 1, needs: "nothing", seed_hash: "", opened_at_ms: 1_000, closes_at_ms: 9_000, entries: 0, seed: null, entries_hash: null,
  drawn_at_ms: null, winners: [], ...more,
});
