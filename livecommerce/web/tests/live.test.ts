import assert from "node:assert/strict";
import { test } from "node:test";
import { better, sample } from "../src/live/clock.ts";
import { stall } from "../src/live/stall.ts";
import { fit, particles, percentOff, stageState, stockLevel, type StageFacts } from "../src/live/view.ts";

test("the server's clock is read at the middle of the shortest call", () => {
  const slow = sample(1_000, 1_400, 50_000);
  const quick = sample(2_000, 2_020, 51_000);
  assert.equal(quick.offset_ms, 48_990);
  assert.equal(better(slow, quick), quick);
  assert.equal(better(quick, slow), quick);
  assert.equal(better(null, slow), slow);
});

const playing: StageFacts = { phase: "ready", status: "live", player: "playing", blocked: false, online: true, hasPlayed: true };
const cases: [string, Partial<StageFacts>, string][] = [
  ["a playing live session", {}, "live"],
  ["first connecting", { player: "connecting", hasPlayed: false }, "joining"],
  ["connecting again", { player: "connecting" }, "reconnecting"],
  ["no source", { player: "waiting" }, "waiting"],
  ["a paused session, whatever the player does", { status: "paused", player: "connecting" }, "paused"],
  ["a scheduled one", { status: "scheduled", player: "waiting" }, "before"],
  ["an ended one, even offline", { status: "ended", online: false, player: "idle" }, "ended"],
  ["a cancelled one", { status: "cancelled" }, "ended"],
  ["one that broke off", { status: "error", player: "waiting" }, "ended"],
  ["autoplay refused", { blocked: true, player: "connecting" }, "blocked"],
  ["no network and no picture", { online: false, player: "connecting" }, "offline"],
  ["no network but frames still come", { online: false }, "live"],
  ["no place or no codec", { player: "refused" }, "full"],
  ["an unknown id", { phase: "missing", status: null }, "missing"],
  ["before the first snapshot", { phase: "joining", status: null, player: "connecting", hasPlayed: false }, "joining"],
];
for (const [situation, facts, state] of cases) {
  test(`${situation} shows "${state}"`, () => assert.equal(stageState({ ...playing, ...facts }), state));
}

for (const [situation, noFrame_ms, nothing_ms, answer] of [
  ["frames arrive", 200, 100, "none"],
  ["the influencer's upload hangs", 6_000, 900, "wait"],
  ["the server is gone", 4_000, 4_000, "again"],
  ["it hangs for very long", 16_000, 900, "again"],
] as const) {
  test(`when ${situation}, the answer is "${answer}"`, () => assert.equal(stall(noFrame_ms, nothing_ms), answer));
}

for (const [name, picture, box, expected] of [
  ["9:16 on a phone", 9 / 16, 390 / 844, "cover"],
  ["16:9 on a phone", 16 / 9, 390 / 844, "contain"],
  ["3:4 on a phone", 3 / 4, 390 / 844, "contain"],
  ["9:16 in a laptop's column", 9 / 16, 740 / 900, "contain"],
] as const) {
  test(`${name} is ${expected}`, () => assert.equal(fit(picture, box), expected));
}

test("particles grow with the logarithm and stop at eight", () => {
  assert.deepEqual([0, 1, 2, 8, 1_000].map(particles), [0, 1, 2, 4, 8]);
});

test("a struck price is shown only when it is higher", () => {
  assert.equal(percentOff(129_900, 189_900), 31);
  assert.equal(percentOff(100, 100), 0);
  assert.equal(percentOff(100, null), 0);
});

test("a number of pieces is shown from ten down", () => {
  assert.deepEqual([0, 1, 10, 11].map(stockLevel), ["none", "few", "few", "plenty"]);
});
