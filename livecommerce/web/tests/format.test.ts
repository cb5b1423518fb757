import assert from "node:assert/strict";
import { test } from "node:test";
import { compact, countdown, daysAhead, money, plural } from "../src/i18n/format.ts";

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

for (const [minor, text] of [[129_900, "₹1,299"], [49_950, "₹499.50"], [0, "₹0"], [123_456_750, "₹12,34,567.50"], [4_990_000, "₹49,900"]] as const) {
  test(`money ${minor} is ${text} in both languages`, () => {
    assert.equal(plain(money("en", minor)), text);
    assert.equal(plain(money("hi", minor)), text);
  });
}

test("a crowd below a thousand is exact", () => {
  assert.equal(compact("en", 999), "999");
  assert.match(compact("en", 1_243), /^1\.2\s?[KT]/);
});

for (const [left_ms, text] of [[0, "0:00"], [-5_000, "0:00"], [1, "0:01"], [1_000, "0:01"], [59_001, "1:00"], [3_600_000, "1:00:00"], [10_779_000, "2:59:39"]] as const) {
  test(`a countdown of ${left_ms} ms shows ${text}`, () => assert.equal(countdown(left_ms), text));
}

test("an exact branch wins over the category, and Hindi counts 0 as one", () => {
  const branches = { "=0": "none", one: "one", other: "many" };
  assert.deepEqual([0, 1, 2].map((n) => plural("en", n, branches)), ["none", "one", "many"]);
  assert.equal(plural("hi", 0, { one: "one", other: "many" }), "one");
  assert.equal(plural("en", 5, { one: "one", other: "many" }), "many");
});

test("days ahead are calendar days", () => {
  const late = new Date(2026, 10, 22, 23, 50).getTime();
  assert.equal(daysAhead(late + 20 * 60_000, late), 1);
  assert.equal(daysAhead(late, late), 0);
});
