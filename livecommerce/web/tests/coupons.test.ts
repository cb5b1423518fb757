import assert from "node:assert/strict";
import { test } from "node:test";
import { basisPoints, couponOf, emptyDraft, faultsGiven, faultsOf, paise } from "../src/coupons/draft.ts";

const good = { ...emptyDraft, code: " diwali20 ", title: "Diwali", percent: "20", most: "₹500" };

test("rupees are read as they are written in India", () => {
  assert.equal(paise("1,23,456.5"), 1_23_456_50);
  assert.equal(paise("₹ 500"), 500_00);
  assert.equal(paise("0.05"), 5);
  for (const text of ["", "12.345", "-5", "1e3", "five", "99999999999"]) assert.equal(paise(text), null, text);
});

test("a percentage becomes basis points, up to a hundred percent", () => {
  assert.equal(basisPoints("12.5%"), 1_250);
  assert.equal(basisPoints("100"), 10_000);
  for (const text of ["0", "100.01", "1.234", "x"]) assert.equal(basisPoints(text), null, text);
});

test("a coupon of twenty percent is sent in paise and basis points, its code in capitals", () => {
  assert.deepEqual(faultsOf(good, "admin"), {});
  const coupon = couponOf(good, "admin");
  assert.deepEqual([coupon.code, coupon.percent_bp, coupon.max_discount_minor, coupon.amount_minor, coupon.min_spend_minor, coupon.quota, coupon.funded_by],
    ["DIWALI20", 2_000, 50_000, null, 0, null, "platform"]);
});

test("a fixed coupon carries nothing of the percentage typed before", () => {
  const coupon = couponOf({ ...good, kind: "fixed", amount: "100" }, "wholesaler");
  assert.deepEqual([coupon.percent_bp, coupon.max_discount_minor, coupon.amount_minor, coupon.funded_by], [null, null, 10_000, null]);
});

test("a percentage without its most, a bad code and an end before the start are all named at once", () => {
  const faults = faultsOf({ ...good, code: "_x", most: "", starts: "2026-11-24T10:00", ends: "2026-11-24T09:00" }, "admin");
  assert.deepEqual(faults, { code: "code", most: "most", ends: "ends" });
});

test("an influencer's coupon is for one of their live sessions", () => {
  assert.deepEqual(faultsOf(good, "influencer"), { live_session_id: "session" });
  assert.deepEqual(faultsOf(good, "wholesaler"), {});
});

test("what the server finds wrong stands at the field of the form", () => {
  assert.deepEqual(faultsGiven({ fields: { percent_bp: "no", ends_at_ms: "no", made_up: "no" } }), { percent: "percent", ends: "ends" });
  assert.deepEqual(faultsGiven(undefined), {});
});
