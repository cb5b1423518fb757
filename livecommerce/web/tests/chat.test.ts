import assert from "node:assert/strict";
import { test } from "node:test";
import { chatAfter, chatFromSnapshot, noChat, withAnswer, withDecision, withPending, withRefusal, type ChatFacts } from "../src/live/chat-state.ts";
import { flights } from "../src/live/reactions.ts";
import { questionIn, writing, type Writing } from "../src/live/writing.ts";
import type { PostedMessage } from "../src/wire/contract.gen.ts";
import { chatState, id, message } from "./fixtures.ts";

const at = { live_session_id: id(1), epoch: "e1", offset: 5 };
const posted = (...messages: PostedMessage[]) => ({ name: "chat.posted" as const, payload: { ...at, left_out: 0, messages } });
const said = (n: number, author = 9): PostedMessage => ({ ...message(n, { author_id: id(author) }), offset: n });
const facts = chatAfter(noChat, posted(said(1), said(2, 10), said(3)));
const texts = (now: ChatFacts) => now.chat.map((line) => line.text);

test("a ban takes away all that the person wrote, and a pinned message of theirs", () => {
  const pinned = chatAfter(facts, { name: "chat.pinned", payload: { ...at, message: message(1) } });
  const purged = chatAfter(pinned, { name: "chat.purged", payload: { ...at, user_id: id(9), until_ms: message(3).sent_at_ms } });
  assert.deepEqual(texts(purged), ["line 2"]);
  assert.equal(purged.pinnedMessage, null);
});

test("a cleared chat keeps only what of our own is still on its way", () => {
  const cleared = chatAfter(withPending(facts, message(4)), { name: "chat.cleared", payload: { ...at, until_ms: message(9).sent_at_ms } });
  assert.deepEqual(texts(cleared), ["line 4"]);
});

test("what was said before a clearing or a ban is gone, whichever word comes first", () => {
  const cleared = { name: "chat.cleared" as const, payload: { ...at, until_ms: message(2).sent_at_ms } };
  const purged = { name: "chat.purged" as const, payload: { ...at, user_id: id(10), until_ms: message(4).sent_at_ms } };
  const happened = [posted(said(1)), posted(said(2)), cleared, posted(said(3)), posted(said(4, 10)), purged, posted(said(5, 10))];
  for (const order of [happened, happened.toReversed(), [...happened, cleared, purged]]) {
    const now = order.reduce<ChatFacts>(chatAfter, noChat);
    assert.deepEqual(texts(now).toSorted(), ["line 3", "line 5"]);
  }
});

test("a server of before that says no time takes away all so far, and nothing of later", () => {
  const { until_ms: _, ...purged } = { ...at, user_id: id(9), until_ms: 0 };
  const now = chatAfter(facts, { name: "chat.purged", payload: purged });
  assert.deepEqual(texts(now), ["line 2"]);
  assert.deepEqual(texts(chatAfter(now, { name: "chat.cleared", payload: at })), []);
  assert.deepEqual(texts(chatAfter(now, posted(said(4)))), ["line 2", "line 4"]);
  assert.deepEqual(texts(chatAfter(now, posted(said(1)))), ["line 2"]);
});

test("an announcement that comes twice is one line", () => {
  const announced = { name: "chat.announced" as const, payload: { ...at, message: message(8) } };
  assert.equal(texts(chatAfter(chatAfter(facts, announced), announced)).filter((text) => text === "line 8").length, 1);
});

test("a held line waits for review and is sent, or refused for good, by the decision", () => {
  const own = message(7);
  const held = withAnswer(withPending(noChat, own), own.id, own, true);
  assert.equal(held.chat[0]?.state, "held");
  assert.equal(withDecision(held, own.id, true).chat[0]?.state, "sent");
  assert.equal(withDecision(held, own.id, false).chat[0]?.refusal?.code, "chat.not_approved");
});

test("the decision about a held line that has been posted already changes nothing", () => {
  const own = message(7);
  const held = withAnswer(withPending(noChat, own), own.id, own, true);
  const approved = chatAfter(held, posted({ ...own, offset: 6 }));
  assert.deepEqual(withDecision(approved, own.id, true), approved);
});

test("a message that is held is once in the queue, and leaves it when somebody has decided", () => {
  const held = { name: "chat.held" as const, payload: { ...at, held: { message: message(5), held_for: "words" as const, matched: "x" } } };
  const twice = chatAfter(chatAfter(noChat, held), held);
  assert.equal(twice.held.length, 1);
  assert.equal(chatAfter(twice, { name: "chat.reviewed", payload: { ...at, message_id: message(5).id, is_approved: true } }).held.length, 0);
});

const slow: ChatFacts = { ...noChat, settings: { ...noChat.settings, slow_mode_s: 30 } };

test("slow mode counts from our own message, also one that the snapshot tells of", () => {
  const own = message(1, { sent_at_ms: 50_000 });
  assert.equal(withAnswer(withPending(slow, own), own.id, own, false).writeFrom_ms, 80_000);
  assert.equal(chatFromSnapshot(noChat, [own], chatState({ settings: slow.settings }), id(9)).writeFrom_ms, 80_000);
});

test("who is refused among followers is known not to follow", () => {
  const refused = withRefusal(withPending(noChat, message(1)), message(1).id, { code: "chat.followers_only", message: "" }, 0);
  assert.equal(refused.standing.is_following, false);
});

test("a refusal for slow mode says from when on", () => {
  const refused = withRefusal(withPending(slow, message(1)), message(1).id, { code: "chat.slow_mode", message: "", retry_after_s: 4 }, 10_000);
  assert.equal(refused.writeFrom_ms, 14_000);
});

test("without slow mode nobody waits any more", () => {
  const off = chatAfter({ ...slow, writeFrom_ms: 99_000 }, { name: "chat.configured", payload: { ...at, settings: noChat.settings } });
  assert.equal(off.writeFrom_ms, 0);
});

const now_ms = 1_000;
const muted = { ...noChat.standing, muted_until_ms: 5_000 };
const moderator = { ...noChat.standing, permissions: ["moderate_chat"] as const };
const cases: [string, Partial<ChatFacts>, boolean, Writing["mode"], boolean][] = [
  ["anybody in an open chat", {}, false, "open", true],
  ["a muted person", { standing: muted }, false, "muted", false],
  ["a muted person whose time is over", { standing: { ...muted, muted_until_ms: 1_000 } }, false, "open", true],
  ["a muted moderator", { standing: { ...moderator, muted_until_ms: 5_000 } }, false, "muted", false],
  ["anybody in a chat that is off", { settings: { ...noChat.settings, is_enabled: false } }, false, "off", false],
  ["a moderator in a chat that is off", { settings: { ...noChat.settings, is_enabled: false }, standing: moderator }, false, "open", true],
  ["the influencer in a chat that is off", { settings: { ...noChat.settings, is_enabled: false } }, true, "open", true],
  ["who does not follow, among followers", { settings: { ...noChat.settings, audience: "followers" }, standing: { ...noChat.standing, is_following: false } }, false, "followers", false],
  ["who may follow or not, among followers: the server knows", { settings: { ...noChat.settings, audience: "followers" } }, false, "followers", true],
  ["a follower, among followers", { settings: { ...noChat.settings, audience: "followers" }, standing: { ...noChat.standing, is_following: true } }, false, "open", true],
  ["anybody, among buyers: the server knows", { settings: { ...noChat.settings, audience: "buyers" } }, false, "buyers", true],
  ["who has just written, in slow mode", { writeFrom_ms: 4_000 }, false, "slow", false],
  ["a moderator who has just written, in slow mode", { writeFrom_ms: 4_000, standing: moderator }, false, "open", true],
];
for (const [situation, more, is_host, mode, maySend] of cases) {
  test(`${situation}: ${mode}`, () => {
    const found = writing({ ...noChat, ...more }, is_host, false, now_ms);
    assert.deepEqual([found.mode, found.maySend], [mode, maySend]);
  });
}

test("a message that begins with @question is one", () => {
  assert.equal(questionIn("@question is it cotton?"), "is it cotton?");
  assert.equal(questionIn("@सवाल कपड़ा कैसा है"), "कपड़ा कैसा है");
  assert.equal(questionIn("@questionable idea"), null);
  assert.equal(questionIn("a @question"), null);
});

test("of many reactions a few float up, each kind that came among them", () => {
  assert.deepEqual(flights({}), []);
  assert.deepEqual(new Set(flights({ heart: 900, fire: 20 })), new Set(["heart", "fire"]));
  assert.ok(flights({ heart: 90_000, fire: 20, clap: 3, laugh: 2, wow: 1, thumb: 1 }).length <= 8);
});
