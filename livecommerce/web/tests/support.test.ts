import assert from "node:assert/strict";
import { test } from "node:test";
import { indiaTime } from "../src/i18n/india.ts";
import { Attempts } from "../src/support/attempt.ts";
import { deadline } from "../src/support/deadline.ts";

const answer_ms = 1_000;
const solve_ms = 2_000;
const query = (more: object) => ({
  status: "open" as const, ack_due_at_ms: answer_ms, acknowledged_at_ms: null, redress_due_at_ms: solve_ms, resolved_at_ms: null, updated_at_ms: 5, ...more,
});

test("a new query stands under the clock of the first answer", () => {
  assert.deepEqual(deadline(query({}), answer_ms), { kind: "answer", late: false, answer_ms, solve_ms });
  assert.deepEqual(deadline(query({}), answer_ms + 1), { kind: "answer", late: true, answer_ms, solve_ms });
});

test("a query that nobody answered for a month is late for its redress", () => {
  assert.deepEqual(deadline(query({}), solve_ms + 1), { kind: "solve", late: true, solve_ms });
});

for (const status of ["in_progress", "escalated"] as const) {
  test(`a query that is ${status} stands under the clock of redress`, () => {
    const taken = query({ status, acknowledged_at_ms: 3 });
    assert.deepEqual(deadline(taken, solve_ms), { kind: "solve", late: false, solve_ms });
    assert.deepEqual(deadline(taken, solve_ms + 1), { kind: "solve", late: true, solve_ms });
  });
}

test("what is done stands under no clock, however late it was", () => {
  assert.deepEqual(deadline(query({ status: "resolved", resolved_at_ms: 7 }), solve_ms + 1), { kind: "resolved", at_ms: 7 });
  assert.deepEqual(deadline(query({ status: "closed", resolved_at_ms: 7, closed_at_ms: 9 }), solve_ms + 1), { kind: "closed", at_ms: 9 });
});

test("times are those of India, on the day it is there", () => {
  const at_ms = Date.UTC(2026, 10, 22, 20, 0);
  assert.match(indiaTime("en", at_ms), /^23 Nov 2026, 1:30/);
  assert.match(indiaTime("hi", at_ms), /^23/);
});

test("the same words keep their id until they were taken; other words get another", () => {
  let made = 0;
  const attempts = new Attempts(() => `id-${(made += 1)}`);
  assert.equal(attempts.idOf("Any news?"), "id-1");
  assert.equal(attempts.idOf("Any news?"), "id-1");
  assert.equal(attempts.idOf("Any news today?"), "id-2");
  attempts.done();
  assert.equal(attempts.idOf("Any news today?"), "id-3");
});
