import assert from "node:assert/strict";
import { test } from "node:test";
import { exactMoney, monthName, rate, signedMoney } from "../src/i18n/exact.ts";
import { readPlace, searchOf } from "../src/lists/address.ts";

const defaults = { shelf: "to_pack", after: "", order: "" };

test("a place at its defaults leaves no trace in the address", () => {
  assert.equal(searchOf(defaults, defaults), "");
});

test("a place is read back from its own address, whatever it holds", () => {
  const place = { shelf: "done", after: "20261124T10:00+05:30&x=1", order: "a b" };
  assert.deepEqual(readPlace(defaults, searchOf(defaults, place)), place);
});

test("names in the address that are not the page's are left alone", () => {
  assert.deepEqual(readPlace(defaults, "?utm_source=x&order=7"), { ...defaults, order: "7" });
});

test("amounts of a statement show every paisa and their sign", () => {
  assert.equal(exactMoney("en", 1_23_456_00), "₹1,23,456.00");
  assert.equal(signedMoney("en", 5), "+₹0.05");
  assert.match(signedMoney("en", -150), /^[-−]₹1\.50$/);
  assert.equal(signedMoney("en", 0), "₹0.00");
});

test("basis points are shown as percent, months by name", () => {
  assert.equal(rate("en", 1_250), "12.5%");
  assert.equal(rate("en", 10), "0.1%");
  assert.equal(monthName("en", "2026-11"), "November 2026");
});
