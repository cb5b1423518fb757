import assert from "node:assert/strict";
import { test } from "node:test";
import { bars, type MinuteFigures } from "../src/studio/minutes.ts";

const minute = (at: number, peak_viewers: number): MinuteFigures => ({ at_ms: at * 60_000, joins: 0, peak_viewers });

test("a minute without anybody is a gap, not left out", () => {
  assert.deepEqual(bars([minute(10, 3), minute(12, 5)], 60).map((bar) => bar.peak), [3, 0, 5]);
});

test("a long live session has as many bars as there is room for, each of the most in its time", () => {
  const long = Array.from({ length: 150 }, (_, at) => minute(at, at % 7));
  const drawn = bars(long, 60);
  assert.equal(drawn.length, 50);
  assert.deepEqual(drawn.slice(0, 3).map((bar) => bar.peak), [2, 5, 6]);
  assert.equal(drawn[1]!.at_ms - drawn[0]!.at_ms, 180_000);
});

test("of nothing there is nothing to draw", () => {
  assert.deepEqual(bars([], 60), []);
});
