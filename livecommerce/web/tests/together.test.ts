import assert from "node:assert/strict";
import { test } from "node:test";
import { drawFaults, winnersOf, type DrawRecord } from "../src/live/draw-check.ts";
import { engagementFromSnapshot, inOrder, isPollOver, noEngagement, shares, withGiveaway, withPoll, withQuestions } from "../src/live/engagement-state.ts";
import { closingOf, comeBackIn_ms } from "../src/wire/closing.ts";
import { engagement, giveaway, id, poll, question } from "./fixtures.ts";

test("of two states of a question the later revision holds, whichever comes last", () => {
  const now = withQuestions(withQuestions(noEngagement, [question(1, { revision: 3, upvotes: 5 })]), [question(1, { revision: 2, upvotes: 4 })]);
  assert.equal(now.questions[0]?.upvotes, 5);
});

test("a question that has left the queue is not brought back by a late word", () => {
  const gone = withQuestions(withQuestions(noEngagement, [question(1)]), [question(1, { status: "answered", revision: 2 })]);
  assert.equal(withQuestions(gone, [question(1, { revision: 1 })]).questions.length, 0);
});

test("what is being answered stands first, then what most want to know", () => {
  const order = inOrder([question(1, { upvotes: 2 }), question(2, { upvotes: 9 }), question(3, { status: "picked" })]);
  assert.deepEqual(order.map((one) => one.text), ["question 3", "question 2", "question 1"]);
});

test("a new poll forgets the vote in the one before; an older count changes nothing", () => {
  const voted = { ...withPoll(noEngagement, poll({ revision: 4, voters: 8 })), mine: { ...engagement.mine, poll_option: 1 } };
  assert.equal(withPoll(voted, poll({ revision: 3, voters: 7 })).poll?.voters, 8);
  assert.equal(withPoll(voted, poll({ revision: 5, voters: 9 })).mine.poll_option, 1);
  const next = withPoll(voted, poll({ id: id(7001), opened_at_ms: 2_000 }));
  assert.equal(next.mine.poll_option, null);
  assert.equal(withPoll(next, poll({ revision: 9 })).poll?.id, id(7001));
});

test("a draw is the end: no count that comes late takes it back", () => {
  const drawn = withGiveaway(withGiveaway(noEngagement, giveaway({ entries: 3 })), giveaway({ entries: 4, drawn_at_ms: 5_000 }));
  assert.equal(withGiveaway(drawn, giveaway({ entries: 4 })).giveaway?.drawn_at_ms, 5_000);
});

test("a snapshot does not unsay the vote of a moment ago", () => {
  const voted = { ...withPoll(noEngagement, poll()), mine: { ...engagement.mine, poll_option: 1, upvoted: [id(1)] } };
  const after = engagementFromSnapshot(voted, { ...engagement, poll: poll() });
  assert.deepEqual(after.mine, { upvoted: [id(1)], poll_option: 1, entry_id: null });
});

test("shares are whole percents, and nothing of nothing", () => {
  assert.deepEqual(shares(poll()), [0, 0]);
  assert.deepEqual(shares(poll({ options: [{ text: "a", votes: 1 }, { text: "b", votes: 2 }] })), [33, 67]);
});

test("a poll is over by the server's word or by the clock", () => {
  assert.equal(isPollOver(poll(), 99_000), false);
  assert.equal(isPollOver(poll({ closes_at_ms: 5_000 }), 5_000), true);
  assert.equal(isPollOver(poll({ closed_at_ms: 1 }), 0), true);
});

// Made by the server's own program for this seed and these entries (livecommerce.live.drawing).
const seed = "00".repeat(31) + "07";
const entries = [11, 12, 13, 14, 15].map(id);
const record: DrawRecord = {
  ...giveaway({
    winners_max: 3, entries: 5, seed, drawn_at_ms: 9_000,
    seed_hash: "48428bdb7ddd829410d6bbb924fdeb3a3d7e88c2577bffae073b990c6f061d08",
    entries_hash: "09ac1eb6fb834747e659bf45f6f167d5bdbd954ccc02f1734f5a266e85616fa2",
    winners: [11, 15, 14].map((n, at) => ({ place: at + 1, entry_id: id(n), name: "x" })),
  }),
  entry_ids: entries,
};

test("the page draws the winners that the server draws", async () => {
  assert.deepEqual(await winnersOf(seed, record.id, entries, 3), record.winners.map((winner) => winner.entry_id));
  assert.deepEqual(await drawFaults(record, record.seed_hash), []);
});

for (const [situation, change, fault] of [
  ["another seed than was promised", { seed: "00".repeat(31) + "08" }, "seed"],
  ["an entry that was left out", { entry_ids: entries.slice(1) }, "entries"],
  ["another winner", { winners: [{ place: 1, entry_id: id(11), name: "x" }] }, "winners"],
] as const) {
  test(`a draw with ${situation} is found out`, async () => {
    assert.ok((await drawFaults({ ...record, ...change }, record.seed_hash)).includes(fault));
  });
}

test("a close frame says why, and when to come back if at all", () => {
  assert.deepEqual(closingOf("replaced final"), { reason: "replaced", retry_after_s: null });
  assert.deepEqual(closingOf("drain retry_after_s=1"), { reason: "drain", retry_after_s: 1 });
  assert.deepEqual(closingOf("flood retry_after_s=0.5"), { reason: "flood", retry_after_s: 0.5 });
  for (const text of ["", "bye", "drain retry_after_s=", "x final now"]) assert.equal(closingOf(text), null);
});

test("nobody comes back sooner than was said, and those closed together do not come together", () => {
  assert.equal(comeBackIn_ms(30, 0), 30_000);
  assert.equal(comeBackIn_ms(1, 1), 2_000);
  assert.equal(comeBackIn_ms(0, 1), 300);
});
