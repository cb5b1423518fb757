import assert from "node:assert/strict";
import { test } from "node:test";
import { whereNext } from "../src/site/where.ts";
import { preferred } from "../src/studio/codecs.ts";
import { next, type Health, type Measured } from "../src/studio/health.ts";

test("codecs are reordered and none is lost", () => {
  const h264 = (profile: string, mode: number) => ({ mimeType: "video/H264", sdpFmtpLine: `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}` });
  const codecs = [{ mimeType: "video/VP8" }, { mimeType: "video/rtx" }, { mimeType: "video/VP9" }, h264("42001f", 1), h264("42e01f", 0), h264("42e01f", 1)];
  const ordered = preferred(codecs);
  assert.deepEqual(ordered.map((codec) => codecs.indexOf(codec)), [5, 3, 0, 1, 2, 4]);
});

const measured = (at_ms: number, more: Partial<Measured> = {}): Measured => ({
  at_ms, bitrate_bps: 2_000_000, fps: 30, height: 720, round_trip_ms: 20, lost: 0, limitedBy: "none", ...more,
});
const through = (samples: Measured[]) => samples.reduce<Health | null>(next, null)!;
const every2s = (from_s: number, to_s: number, more: Partial<Measured>) =>
  Array.from({ length: (to_s - from_s) / 2 + 1 }, (_, n) => measured((from_s + 2 * n) * 1000, more));

test("a short dip is not reported", () => {
  assert.equal(through([...every2s(0, 4, {}), ...every2s(6, 8, { lost: 0.1 }), measured(10_000)]).level, "good");
});

test("a weak upload is reported after five seconds and forgiven after fifteen", () => {
  const weak = [measured(0), ...every2s(2, 8, { lost: 0.1 })];
  assert.equal(through(weak).level, "fair");
  assert.equal(through([...weak, ...every2s(10, 20, {})]).level, "fair");
  assert.equal(through([...weak, ...every2s(10, 26, {})]).level, "good");
});

for (const [role, search, place] of [
  ["influencer", "", "/studio"], ["customer", "", "/"], ["admin", "", "/admin/queries"], ["customer", "?next=%2Flive%2Fabc", "/live/abc"],
  ["customer", "?next=%2F%2Fevil.example", "/"], ["customer", "?next=%2F%5Cevil.example", "/"], ["customer", "?next=https%3A%2F%2Fevil.example", "/"],
] as const) {
  test(`${role} with "${search}" goes to ${place}`, () => assert.equal(whereNext(role, search), place));
}
