import assert from "node:assert/strict";
import { test } from "node:test";
import type { Breakdown } from "../src/money/api.ts";
import { isTyped, preview } from "../src/cashdesk/run.ts";
import { utr } from "../src/cashdesk/utr.ts";
import { explained } from "../src/money/explain.ts";
import { months } from "../src/money/months.ts";
import { exactMoney, signedMoney } from "../src/i18n/exact.ts";
import { money } from "../src/i18n/format.ts";

const split: Breakdown = {
  paid_minor: 118_000, base_minor: 100_000, tax_minor: 18_000, fee_bp: 500, fee_minor: 5_000, fee_gst_bp: 1_800, fee_gst_minor: 900,
  commission_bp: 1_000, commission_minor: 10_000, cut_bp: 1_000, cut_minor: 1_000, tcs_bp: 50, tcs_minor: 500, tds_bp: 10, tds_minor: 100,
  discount_minor: 0, funded_by: null, wholesaler_minor: 101_500,
};
const total = (steps: readonly { amount_minor: number }[]) => steps.reduce((sum, { amount_minor }) => sum + amount_minor, 0);

for (const kind of ["wholesaler", "influencer"] as const) {
  test(`the steps of a ${kind}'s sale add up to what is theirs`, () => {
    const { steps, result_minor } = explained(kind, split);
    assert.equal(total(steps), result_minor);
    assert.equal(steps.some((step) => step.kind === "rest"), false);
  });
}

test("the influencer receives the commission without the platform's cut", () => {
  assert.equal(explained("influencer", split).result_minor, 9_000);
});

test("steps of nothing are left out, the price stays", () => {
  const none = { ...split, commission_minor: 0, commission_bp: 0, tcs_minor: 0, tds_minor: 0, wholesaler_minor: 112_100 };
  assert.deepEqual(explained("wholesaler", none).steps.map(({ kind }) => kind), ["paid", "fee", "fee_gst"]);
});

test("a paisa that no known step explains is shown, not hidden", () => {
  const { steps, result_minor } = explained("wholesaler", { ...split, wholesaler_minor: 101_499 });
  assert.deepEqual(steps.at(-1), { kind: "rest", amount_minor: -1, rate_bp: null });
  assert.equal(total(steps), result_minor);
});

test("months are those of India: at half past six in the evening UTC it is the next month already", () => {
  assert.deepEqual(months(Date.UTC(2026, 10, 30, 18, 29), 2), ["2026-11", "2026-10"]);
  assert.deepEqual(months(Date.UTC(2026, 10, 30, 18, 30), 3), ["2026-12", "2026-11", "2026-10"]);
  assert.deepEqual(months(Date.UTC(2027, 0, 15), 2), ["2027-01", "2026-12"]);
});

const payee = (more: object) => ({ kind: "wholesaler" as const, id: "1", name: "A", pending_minor: 0, available_minor: 20_000, problem: null, ...more });

test("a payout run pays those without a problem, and says whom it leaves out and why", () => {
  const all = [payee({}), payee({ kind: "influencer", available_minor: 30_000 }), payee({ problem: "below_minimum", available_minor: 50 }), payee({ problem: "below_minimum", available_minor: 70 }), payee({ problem: "negative", available_minor: -900 })];
  assert.deepEqual(preview(all), {
    payees: 2, wholesalers: 1, influencers: 1, amount_minor: 50_000,
    left: [{ problem: "below_minimum", payees: 2, amount_minor: 120 }, { problem: "negative", payees: 1, amount_minor: -900 }],
  });
});

test("whoever has nothing available yet is not left out of anything", () => {
  assert.deepEqual(preview([payee({ problem: "below_minimum", available_minor: 0, pending_minor: 900 })]).left, []);
});

test("the word of a payout run is taken in any case and any composition, and nothing else is", () => {
  assert.equal(isTyped("PAY", " pay "), true);
  assert.equal(isTyped("भुगतान", "भुगतान".normalize("NFD")), true);
  assert.equal(isTyped("PAY", "PA"), false);
  assert.equal(isTyped("", ""), false);
});

test("the number of a UPI transfer has 12 digits, typed as the bank prints it", () => {
  assert.equal(utr("4123 4567 8901"), "412345678901");
  assert.equal(utr("41234567890"), null);
  assert.equal(utr("41234567890A"), null);
});

test("an amount below zero has a minus sign, in every form", () => {
  assert.equal(money("en", -129_950), "−₹1,299.50");
  assert.equal(exactMoney("en", -500), "−₹5.00");
  assert.equal(signedMoney("hi", -500).includes("-"), false);
  assert.equal(signedMoney("en", 500), "+₹5.00");
});
