import assert from "node:assert/strict";
import { test } from "node:test";
import { dealPlan, emptyPlan, paise } from "../src/studio/deal-plan.ts";

test("a price is read as people write it, exactly", () => {
  for (const [typed, minor] of [["999", 99_900], ["1,299.50", 129_950], ["₹ 49.9", 4_990], ["0.07", 7], ["1,00,000", 10_000_000]] as const) {
    assert.equal(paise(typed), minor);
  }
  for (const typed of ["", "abc", "-5", "1.234", "1e3", "999999999"]) assert.equal(paise(typed), null);
});

test("a deal of one's typing", () => {
  const { faults, terms } = dealPlan({ ...emptyPlan, price: "999", minutes: "5", total: "20", customer: "2", starts_in_s: "10" }, 129_900);
  assert.deepEqual(faults, []);
  assert.deepEqual(terms, {
    price_minor: 99_900, duration_s: 300, starts_in_s: 10, variant_id: null, total_limit: 20, customer_limit: 2, is_set_aside: false,
  });
});

test("a price that is no bargain is named, and so is every number that is none", () => {
  const { faults } = dealPlan({ ...emptyPlan, price: "1299", minutes: "0", total: "many", customer: "1001" }, 129_900);
  assert.deepEqual(faults.map((fault) => fault.field), ["price", "minutes", "total", "customer"]);
});

test("stock is set aside for one variant with a number of pieces, else not", () => {
  const draft = { ...emptyPlan, price: "999", is_set_aside: true };
  assert.equal(dealPlan({ ...draft, total: "5", variant_id: "m" }, 129_900).terms.is_set_aside, true);
  assert.equal(dealPlan({ ...draft, total: "5" }, 129_900).terms.is_set_aside, false);
  assert.equal(dealPlan({ ...draft, variant_id: "m" }, 129_900).terms.is_set_aside, false);
});
