import assert from "node:assert/strict";
import { test } from "node:test";
import { countOf, linesOf, within, worthOf } from "../src/parcels/pieces.ts";
import { isWebLink, noTracking, trackingFaults, trackingOf } from "../src/parcels/tracking.ts";

const items = [
  { order_item_id: "a", open: 3, quantity: 3, quantity_cancelled: 0, total_minor: 100 },
  { order_item_id: "b", open: 0, quantity: 2, quantity_cancelled: 0, total_minor: 500 },
];

test("a parcel holds everything that is open unless some is left out", () => {
  assert.deepEqual(linesOf(within({}, items)), [{ order_item_id: "a", quantity: 3 }]);
  assert.deepEqual(linesOf(within({ a: 1 }, items)), [{ order_item_id: "a", quantity: 1 }]);
  assert.deepEqual(linesOf(within({ a: 0 }, items)), []);
});

test("a choice shrinks with what is open: the customer cancelled some meanwhile", () => {
  assert.equal(countOf(within({ a: 3, b: 2 }, [{ order_item_id: "a", open: 1 }])), 1);
});

test("pieces given up one by one are worth the same as all at once", () => {
  const [item] = items;
  let sum = 0;
  for (let gone = 0; gone < 3; gone += 1) sum += worthOf({ a: 1 }, [{ ...item!, quantity_cancelled: gone }]);
  assert.equal(sum, 100);
  assert.equal(worthOf({ a: 3 }, [item!]), 100);
});

test("of 100 paise for three pieces the last one given up is worth 33, as the server takes them from the back", () => {
  assert.equal(worthOf({ a: 1 }, [items[0]!]), 33);
  assert.equal(worthOf({ a: 2 }, [items[0]!]), 67);
});

test("own delivery needs no courier; a number or a link does", () => {
  assert.deepEqual(trackingFaults(noTracking), {});
  assert.deepEqual(trackingFaults({ ...noTracking, tracking_number: "AB1" }), { carrier: "carrier_missing" });
  assert.deepEqual(trackingFaults({ ...noTracking, carrier: "DTDC", tracking_number: "AB1" }), {});
});

test("a tracking number loses the blanks of the label it was copied from", () => {
  assert.deepEqual(trackingOf({ carrier: " DTDC ", tracking_number: "AB 12\t3", tracking_url: " " }), { carrier: "DTDC", tracking_number: "AB123", tracking_url: null });
});

test("only addresses of the web become links", () => {
  assert.equal(isWebLink("https://track.example/1"), true);
  assert.equal(isWebLink("javascript:alert(1)"), false);
  assert.deepEqual(trackingFaults({ carrier: "X", tracking_number: "", tracking_url: "track.example/1" }), { tracking_url: "link_not_web" });
});
