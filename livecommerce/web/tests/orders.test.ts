import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderPaymentStatus, OrderStatus, ReturnStatus } from "@/types/database";
import { words as english } from "../src/i18n/gen/orders.en.ts";
import { words as hindi } from "../src/i18n/gen/orders.hi.ts";
import { addressOf, placeOf } from "../src/orders/address.ts";
import type { Item, OrderDetail, OrderState, PartStatus, Payment } from "../src/orders/api.ts";
import { referenceOf, stageOf, upiIdOf } from "../src/orders/payment-stage.ts";
import { cancelledMinor, cancelSum, returnedMinor, returnSum } from "../src/orders/refund.ts";
import { history, steps, type TimelineEvent } from "../src/orders/timeline.ts";
import { eventText, paymentText, partText, returnText, statusText } from "../src/orders/words.ts";

const order = (more: Partial<OrderState> = {}): OrderState => ({ status: "confirmed", payment_status: "paid", payment_method: "upi", ...more });

const statuses = {
  pending: "Received", confirmed: "Confirmed", processing: "Being packed", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled", refunded: "Refunded",
} satisfies Record<OrderStatus, string>;
const payments = {
  pending: "Not paid yet", paid: "Paid", failed: "Payment failed", refunded: "Refunded", partially_refunded: "Partly refunded",
} satisfies Record<OrderPaymentStatus, string>;

for (const [status, text] of Object.entries(statuses) as [OrderStatus, string][]) {
  test(`an order that is ${status} reads "${text}"`, () => assert.equal(statusText(english, order({ status })), text));
}

for (const [payment_status, text] of Object.entries(payments) as [OrderPaymentStatus, string][]) {
  test(`a payment that is ${payment_status} reads "${text}"`, () => assert.equal(paymentText(english, order({ payment_status })), text));
}

test("an order that waits for its payment says so; one that is paid at the door does not", () => {
  for (const payment_status of ["pending", "failed"] as const) {
    assert.equal(statusText(english, order({ status: "pending", payment_status })), "Waiting for payment");
  }
  assert.equal(statusText(english, order({ status: "pending", payment_status: "pending", payment_method: "cod" })), "Received");
  assert.equal(paymentText(english, order({ payment_status: "pending", payment_method: "cod" })), "To pay on delivery");
});

test("nobody is asked to pay for a cancelled order", () => {
  for (const payment_status of ["pending", "failed"] as const) {
    assert.equal(paymentText(english, order({ status: "cancelled", payment_status, payment_method: "cod" })), "Nothing to pay");
  }
  assert.equal(paymentText(english, order({ status: "cancelled", payment_status: "refunded" })), "Refunded");
});

test("every state has words of its own in both languages", () => {
  const parts: PartStatus[] = ["to_pack", "packed", "partly_shipped", "shipped", "delivered", "cancelled"];
  const returns: ReturnStatus[] = ["requested", "approved", "rejected", "received", "refunded", "cancelled"];
  for (const words of [english, hindi]) {
    for (const texts of [
      (Object.keys(statuses) as OrderStatus[]).map((status) => statusText(words, order({ status }))),
      (Object.keys(payments) as OrderPaymentStatus[]).map((payment_status) => paymentText(words, order({ payment_status }))),
      parts.map((status) => partText(words, status)),
      returns.map((status) => returnText(words, status)),
    ]) {
      assert.equal(new Set(texts).size, texts.length);
      if (words === hindi) for (const text of texts) assert.match(text, /^[\p{Script=Devanagari}\s]+$/u);
    }
  }
});

test("a word from a newer server is shown as it is", () => {
  assert.equal(statusText(english, order({ status: "on_the_moon" as OrderStatus })), "on_the_moon");
});

// The way of an order

const at = (at_ms: number, kind: string, data: Record<string, unknown> = {}): TimelineEvent => ({ at_ms, kind, data });
const way = (status: string, timeline: TimelineEvent[], more: object = {}) =>
  ({ status, payment_status: "paid", payment_method: "upi", placed_at_ms: 1, cancelled_at_ms: null, timeline: [at(1, "placed"), ...timeline], ...more });
const seen = (...given: Parameters<typeof steps>) => steps(...given).map(({ name, at_ms, state }) => `${name} ${state} ${at_ms}`);

test("an order that is not paid is at its payment", () => {
  assert.deepEqual(seen(way("pending", [], { payment_status: "pending" })), [
    "placed done 1", "paid now null", "packed ahead null", "shipped ahead null", "delivered ahead null",
  ]);
});

test("an order that is paid at the door has no payment to wait for", () => {
  assert.deepEqual(seen(way("pending", [], { payment_status: "pending", payment_method: "cod" })), ["placed done 1", "packed now null", "shipped ahead null", "delivered ahead null"]);
});

test("the steps have the dates of what happened; sent in one go, it is packed then too", () => {
  const sent = [at(2, "payment", { status: "paid" }), at(3, "shipped", { shipment_id: "a" }), at(3, "status", { status: "shipped" })];
  assert.deepEqual(seen(way("shipped", sent)), ["placed done 1", "paid done 2", "packed done 3", "shipped done 3", "delivered now null"]);
});

test("an order of which one of two parcels has left is not on its way as a whole", () => {
  const half = [at(2, "packed", { shipment_id: "a" }), at(3, "shipped", { shipment_id: "a" })];
  assert.deepEqual(seen(way("processing", half)).slice(2), ["packed done 2", "shipped now null", "delivered ahead null"]);
});

test("a cancelled order shows how far it came, and where it ended", () => {
  const cancelled = [at(2, "payment", { status: "paid" }), at(4, "cancelled", { by: "customer" }), at(4, "status", { status: "cancelled" })];
  assert.deepEqual(seen(way("cancelled", cancelled, { cancelled_at_ms: 4 })), ["placed done 1", "paid done 2", "cancelled stopped 4"]);
});

test("an order of before its events were kept is shown without dates", () => {
  assert.deepEqual(seen(way("delivered", [])), ["placed done 1", "paid done null", "packed done null", "shipped done null", "delivered done null"]);
});

const kinds = (timeline: TimelineEvent[]) => history(timeline).map(({ kind, data }) => [kind, data.status ?? data.tracking_number].filter(Boolean).join(" "));

test("the history says nothing twice", () => {
  assert.deepEqual(kinds([
    at(1, "placed"), at(2, "payment", { status: "pending" }), at(3, "payment", { status: "paid" }), at(3, "status", { status: "confirmed" }),
    at(4, "packed", { shipment_id: "a" }), at(4, "status", { status: "processing" }), at(4, "shipped", { shipment_id: "a" }), at(4, "invoice"), at(4, "status", { status: "shipped" }),
    at(5, "tracking", { shipment_id: "a", tracking_number: "1" }), at(6, "tracking", { shipment_id: "a", tracking_number: "2" }),
    at(7, "parcel_delivered", { shipment_id: "a" }), at(7, "status", { status: "delivered" }),
    at(8, "refund", { refund_id: "r", status: "pending" }), at(9, "refund", { refund_id: "r", status: "succeeded" }), at(9, "payment", { status: "partially_refunded" }),
  ]), ["placed", "payment paid", "shipped", "tracking 2", "parcel_delivered", "refund pending", "refund succeeded"]);
});

test("the last of several parcels is told as the whole order", () => {
  assert.deepEqual(kinds([at(1, "parcel_delivered", { shipment_id: "a" }), at(2, "parcel_delivered", { shipment_id: "b" }), at(2, "status", { status: "delivered" })]),
    ["parcel_delivered", "parcel_delivered", "status delivered"]);
});

test("a parcel that was packed a day before it left is told as both", () => {
  assert.deepEqual(kinds([at(1, "packed", { shipment_id: "a" }), at(86_400_000, "shipped", { shipment_id: "a" })]), ["packed", "shipped"]);
});

test("what expired is told, though nobody cancelled it", () => {
  assert.deepEqual(kinds([at(1, "status", { status: "cancelled" })]), ["status cancelled"]);
  assert.deepEqual(kinds([at(1, "cancelled", { by: "system" }), at(1, "status", { status: "cancelled" })]), ["cancelled"]);
});

test("kinds of a newer server are left out", () => assert.deepEqual(kinds([at(1, "placed"), at(2, "levitated")]), ["placed"]));

test("events are told with their names and amounts", () => {
  assert.equal(eventText(english, at(1, "shipped", { wholesaler_name: "Asha Textiles", carrier: "India Post", quantity: 2 })), "Asha Textiles has sent 2 items with India Post");
  assert.equal(eventText(english, at(1, "shipped", { wholesaler_name: "Asha Textiles", carrier: null, quantity: 1 })), "Asha Textiles has sent 1 item");
  assert.equal(eventText(english, at(1, "cancelled", { by: "customer", lines: [{ name: "Kurta", label: "M", quantity: 2 }] })), "You cancelled 2 × Kurta");
  assert.equal(eventText(english, at(1, "cancelled", { by: "system", lines: [] })), "Cancelled, as the payment did not arrive in time: the order");
  assert.equal(eventText(english, at(1, "refund", { status: "succeeded", amount_minor: 129_900 })), "₹1,299 came back to you");
});

// What comes back

const item = (more: Partial<Item>): Item => ({
  order_item_id: "i", product_id: null, variant_id: null, name: "", label: "", image_url: null, quantity: 3, unit_price_minor: 0, discount_minor: 0, total_minor: 1000,
  quantity_cancelled: 0, quantity_packed: 0, quantity_shipped: 0, quantity_delivered: 0, quantity_returned: 0, cancellable: 0, returnable: 0, returnable_until_ms: null, ...more,
});

test("the shares of a line come to what it cost, in whatever portions it goes", () => {
  for (const total_minor of [0, 1, 1000, 99_999]) {
    for (let quantity = 1; quantity <= 7; quantity += 1) {
      for (let back = 0; back <= quantity; back += 1) {
        let sum = 0;
        for (let n = 0; n < back; n += 1) sum += cancelledMinor(item({ quantity, total_minor, quantity_cancelled: n }), 1);
        sum += returnedMinor(item({ quantity, total_minor }), quantity - back, 0);
        assert.equal(sum, total_minor, `${total_minor} of ${quantity}, ${back} cancelled`);
      }
    }
  }
});

test("cancellations take shares from the back, returns from the front, rounded half up", () => {
  assert.deepEqual([1, 2, 3].map((units) => cancelledMinor(item({}), units)), [333, 667, 1000]);
  assert.deepEqual([1, 2, 3].map((units) => returnedMinor(item({}), units, 0)), [333, 667, 1000]);
  assert.equal(returnedMinor(item({}), 1, 1), 334);
});

const counted = (items: Item[], more: Partial<OrderDetail> = {}) =>
  ({ parts: [{ wholesaler_id: null, wholesaler_name: "", status: "to_pack" as const, items, shipments: [] }], returns: [], refunds: [], shipping_minor: 4900, cod_fee_minor: 2000, total_minor: 100_000, ...more });

test("delivery and fee come back with the last piece and not before", () => {
  const both = counted([item({ order_item_id: "a" }), item({ order_item_id: "b", quantity: 1, total_minor: 500 })]);
  const all = [{ order_item_id: "a", quantity: 3 }, { order_item_id: "b", quantity: 1 }];
  assert.equal(cancelSum(both, all.slice(0, 1)), 1000);
  assert.equal(cancelSum(both, all), 1500 + 6900);
  assert.equal(returnSum(both, all.slice(1)), 500);
  assert.equal(returnSum(both, all), 1500 + 6900);
});

test("a return counts after those that are still under way, and never beyond what was paid", () => {
  const under_way = {
    id: "r", return_number: "", status: "approved" as const, reason: "", comment: null, decision_note: null, requested_at_ms: 0,
    lines: [{ order_item_id: "i", name: "", label: "", quantity: 2, quantity_received: 0 }],
  };
  const one = [{ order_item_id: "i", quantity: 1 }];
  assert.equal(returnSum(counted([item({})], { returns: [under_way] }), one), 333 + 6900);
  assert.equal(returnSum(counted([item({})], { returns: [{ ...under_way, status: "cancelled" }] }), one), 333);
  const refund = { id: "x", return_id: null, amount_minor: 99_900, status: "pending" as const, method: "original" as const, created_at_ms: 0 };
  assert.equal(returnSum(counted([item({})], { refunds: [refund] }), one), 100);
});

// Paying

const upi = { link: "upi://pay", qr_svg: "<svg/>", payee_name: "", reference: "", customer_reference: null };
const payment = (more: Partial<Payment> = {}): Payment => ({
  order_id: "", order_number: "", order_status: "pending", payment_status: "pending", payment_id: "p", provider: "upi", status: "pending", amount_minor: 1, pay_until_ms: 1000,
  server_time_ms: 0, is_payable: true, methods: ["upi"], failure: null, upi, stripe: null, razorpay: null, ...more,
});

test("a payment by UPI goes from the code to the wait, and only the server ends the wait", () => {
  assert.equal(stageOf(payment({ status: "created", upi: null }), false, 0), "preparing");
  assert.equal(stageOf(payment(), false, 0), "scan");
  assert.equal(stageOf(payment(), true, 0), "checking");
  assert.equal(stageOf(payment({ upi: { ...upi, customer_reference: "123456789012" } }), false, 0), "checking");
  assert.equal(stageOf(payment({ is_payable: false, upi: null }), true, 2000), "checking");
  assert.equal(stageOf(payment({ payment_status: "paid", order_status: "confirmed", status: "captured", is_payable: false }), true, 0), "paid");
  assert.equal(stageOf(payment({ order_status: "cancelled", is_payable: false }), true, 2000), "over");
});

test("past its time nothing is paid that was not begun", () => {
  assert.equal(stageOf(payment(), false, 999), "scan");
  assert.equal(stageOf(payment(), false, 1000), "over");
});

test("after a failure a method is chosen again", () => {
  assert.equal(stageOf(payment({ status: "failed", payment_status: "failed", upi: null }), false, 0), "choose");
  assert.equal(stageOf(payment({ status: "failed", payment_status: "failed", upi: null, is_payable: false }), false, 0), "over");
});

test("what this server does not take is no wait either", () => {
  assert.equal(stageOf(payment({ status: "created", upi: null, methods: ["cod", "test"] }), false, 0), "choose");
  assert.equal(stageOf(payment({ provider: "stripe", status: "created", upi: null, methods: ["cod"] }), false, 0), "choose");
});

test("a card is paid on the provider's page, and whoever was there waits for the bank's word", () => {
  const card = (more: Partial<Payment> = {}) => payment({ provider: "stripe", methods: ["stripe"], upi: null, stripe: { redirect_url: "" }, ...more });
  assert.equal(stageOf(card({ status: "created", stripe: null }), false, 0), "preparing");
  assert.equal(stageOf(card(), false, 0), "leave");
  assert.equal(stageOf(card(), true, 0), "checking");
  assert.equal(stageOf(card({ is_payable: false, stripe: null }), true, 2000), "checking");
  assert.equal(stageOf(card({ status: "failed", payment_status: "failed" }), true, 0), "choose");
  assert.equal(stageOf(card({ payment_status: "paid", order_status: "confirmed", status: "captured", is_payable: false, stripe: null }), true, 0), "paid");
});

test("a provider's own page takes over, and paying at the door is no wait", () => {
  assert.equal(stageOf(payment({ provider: "razorpay", methods: ["razorpay"], upi: null, razorpay: { action: "", fields: {} } }), false, 0), "leave");
  assert.equal(stageOf(payment({ provider: "cod", status: "created", upi: null, pay_until_ms: null, is_payable: false }), false, 0), "cash");
  assert.equal(stageOf(payment({ provider: "test", methods: ["test"], upi: null }), false, 0), "checking");
});

test("a reference has twelve digits, a UPI ID a bank", () => {
  assert.equal(referenceOf(" 1234 5678-9012 "), "123456789012");
  assert.equal(referenceOf("12345678901"), null);
  assert.equal(referenceOf("12345678901a"), null);
  assert.equal(upiIdOf(" Asha.K@okbank "), "asha.k@okbank");
  for (const typed of ["asha", "@okbank", "asha@", "asha@ok bank", "asha@1bank"]) assert.equal(upiIdOf(typed), null, typed);
});

// The address of the page

test("a place and its address are the same thing", () => {
  const id = "0b5e6a54-2f52-4d19-9a57-0d6f7c0f3f11";
  for (const place of [
    { order: null, task: null, after: "" }, { order: null, task: null, after: "a+b=" }, { order: id, task: null, after: "x" }, { order: id, task: "pay" as const, after: "" },
  ]) {
    const url = new URL(addressOf(place), "http://shop");
    assert.deepEqual(placeOf(url.pathname, url.search), place);
  }
  assert.deepEqual(placeOf(`/orders/${id}`, ""), { order: id, task: null, after: "" });
  assert.deepEqual(placeOf("/orders", "?order=../evil&do=pay"), { order: null, task: null, after: "" });
  assert.deepEqual(placeOf("/orders", `?order=${id}&do=explode`), { order: id, task: null, after: "" });
});
