import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderPaymentStatus, OrderStatus } from "@/types/database";
import { words as english } from "../src/i18n/gen/site.en.ts";
import { words as hindi } from "../src/i18n/gen/site.hi.ts";
import { paymentText, statusText } from "../src/site/order-words.ts";

const statuses = {
  pending: "Received", confirmed: "Confirmed", processing: "Being packed", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled",
  refunded: "Refunded",
} satisfies Record<OrderStatus, string>;
const payments = {
  pending: "To pay on delivery", paid: "Paid", failed: "Payment failed", refunded: "Refunded", partially_refunded: "Partly refunded",
} satisfies Record<OrderPaymentStatus, string>;

for (const [status, text] of Object.entries(statuses) as [OrderStatus, string][]) {
  test(`an order that is ${status} reads "${text}"`, () => assert.equal(statusText(english, { status }), text));
}

for (const [payment_status, text] of Object.entries(payments) as [OrderPaymentStatus, string][]) {
  test(`a payment that is ${payment_status} reads "${text}"`, () => assert.equal(paymentText(english, { status: "confirmed", payment_status }), text));
}

test("nobody is asked to pay for a cancelled order", () => {
  assert.equal(paymentText(english, { status: "cancelled", payment_status: "pending" }), "Nothing to pay");
  assert.equal(paymentText(english, { status: "cancelled", payment_status: "refunded" }), "Refunded");
});

test("every state has words of its own in Hindi", () => {
  const order = (Object.keys(statuses) as OrderStatus[]).map((status) => statusText(hindi, { status }));
  const payment = (Object.keys(payments) as OrderPaymentStatus[]).map((payment_status) => paymentText(hindi, { status: "confirmed", payment_status }));
  for (const texts of [order, payment]) {
    assert.equal(new Set(texts).size, texts.length);
    for (const text of texts) assert.match(text, /^[\p{Script=Devanagari}\s]+$/u);
  }
});

test("a word from a newer server is shown as it is", () => {
  assert.equal(statusText(english, { status: "on_the_moon" as OrderStatus }), "on_the_moon");
});
