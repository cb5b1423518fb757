import assert from "node:assert/strict";
import { test } from "node:test";
import { isDealOpen } from "../src/buy/deal-open.ts";
import { comingDeal, dealLeft, nextChange, shownProducts } from "../src/live/selling.ts";
import { initial, reduce, type LiveEvent, type LiveState } from "../src/live/state.ts";
import { chatState, engagement } from "./fixtures.ts";
import type { Deal, Hold, Product, Snapshot } from "../src/wire/contract.gen.ts";

const live_session_id = "live";
const shirt: Product = {
  id: "shirt", name: "Shirt", short_description: "", image_url: "", price_minor: 1_000, compare_at_minor: null, currency: "INR", display_order: 0,
  stock: 5, translations: {}, claim_code: "A1",
  variants: [
    { id: "m", label: "M", color: null, size: "M", price_minor: 1_000, stock: 3 },
    { id: "l", label: "L", color: null, size: "L", price_minor: 1_200, stock: 2 },
  ],
};
const deal = (more: Partial<Deal> = {}): Deal => ({
  id: "deal", product_id: "shirt", variant_id: null, price_minor: 800, starts_at_ms: 0, ends_at_ms: 60_000, total_limit: null, customer_limit: null,
  sold: 0, ...more,
});
const hold = (more: Partial<Hold> = {}): Hold => ({
  variant_id: "m", product_id: "shirt", quantity: 1, expires_at_ms: 50_000, source: "cart", waiting: 0, is_turn: false, ...more,
});
const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  live_session: {
    id: live_session_id, title: "", description: "", status: "live", influencer: { id: "i", display_name: "Asha" },
    scheduled_start_at_ms: null, started_at_ms: null, ended_at_ms: null,
  },
  position: { epoch: "e", offset: 1 }, media: { source: null, available: false }, pinned: null, products: [shirt], deals: [], holds: [], chat: [],
  viewers: 0, you: initial.you, server_time_ms: 10_000, sales: null, chat_state: chatState(), engagement,
  terms: { chat_max_chars: 200, shipping_minor: 0, cod_fee_minor: 0, hold_policy: "hold", hold_ttl_s: 600, claim_keyword: "SOLD" }, ...more,
});
const joined = (more: Partial<Snapshot> = {}): LiveState => reduce(initial, { name: "snapshot", payload: snapshot(more) });
const at = (offset: number) => ({ live_session_id, epoch: "e", offset });
const prices = (state: LiveState) => state.products[0]!.variants.map((variant) => variant.price_minor);
const stocks = (state: LiveState) => state.products[0]!.variants.map((variant) => variant.stock);

test("a deal is the price of all variants it covers, and strikes the usual one", () => {
  const state = joined({ deals: [deal()] });
  assert.deepEqual(prices(state), [800, 800]);
  assert.deepEqual([state.products[0]!.price_minor, state.products[0]!.compare_at_minor], [800, 1_000]);
});

test("a deal on one variant leaves the others", () => {
  assert.deepEqual(prices(joined({ deals: [deal({ variant_id: "l" })] })), [1_000, 800]);
});

test("the MRP stays what is struck where there is one", () => {
  const state = joined({ products: [{ ...shirt, compare_at_minor: 1_500 }], deals: [deal()] });
  assert.equal(state.products[0]!.compare_at_minor, 1_500);
});

test("an announced deal begins by the server's clock", () => {
  const before = joined({ deals: [deal({ starts_at_ms: 20_000 })] });
  assert.deepEqual(prices(before), [1_000, 1_200]);
  assert.equal(comingDeal("shirt", before)?.id, "deal");
  assert.equal(nextChange(before), 20_000);
  const begun = reduce(before, { name: "clock", at_ms: 20_000 });
  assert.deepEqual(prices(begun), [800, 800]);
  assert.equal(comingDeal("shirt", begun), null);
});

test("the page never ends a deal: the price stays until the server says that it is over", () => {
  const late = reduce(joined({ deals: [deal()] }), { name: "clock", at_ms: 90_000 });
  assert.deepEqual(prices(late), [800, 800]);
  const over = reduce(late, {
    name: "deal.ended", payload: { ...at(2), deal_id: "deal", product_id: "shirt", variant_id: null, reason: "time", ended_at_ms: 60_000 },
  });
  assert.deepEqual(prices(over), [1_000, 1_200]);
  assert.equal(over.products[0]!.compare_at_minor, null);
});

test("a deal whose last piece is sold is no price any more", () => {
  const state = joined({ deals: [deal({ total_limit: 2 })] });
  assert.equal(dealLeft(state.deals[0]!), 2);
  const sold = reduce(state, { name: "deal.counted", payload: { ...at(2), deal_id: "deal", sold: 2 } });
  assert.deepEqual(prices(sold), [1_000, 1_200]);
});

test("a price that changes below a deal outdoes it, and one above comes after it", () => {
  const changed = (price_minor: number): LiveEvent =>
    ({ name: "price.changed", payload: { ...at(2), product_id: "shirt", variant_id: "m", price_minor, compare_at_minor: null } });
  assert.deepEqual(prices(reduce(joined({ deals: [deal()] }), changed(700))), [700, 800]);
  const dearer = reduce(joined({ deals: [deal()] }), changed(1_100));
  assert.deepEqual(prices(dearer), [800, 800]);
  assert.equal(dearer.plain[0]!.variants[0]!.price_minor, 1_100);
});

test("who has reached the limit of a deal sees the usual price, as the refusal names it", () => {
  const refused = reduce(joined({ deals: [deal()] }), {
    name: "quoted", lines: [{ product_id: "shirt", variant_id: "m", unit_price_minor: 1_000, stock: 3 }],
  });
  assert.deepEqual(prices(refused), [1_000, 1_200]);
});

test("a quote at the price of the deal does not make it the usual price", () => {
  const quoted = reduce(joined({ deals: [deal()] }), {
    name: "quoted", lines: [{ product_id: "shirt", variant_id: "m", unit_price_minor: 800, stock: 1 }],
  });
  assert.equal(quoted.plain[0]!.variants[0]!.price_minor, 1_000);
  assert.deepEqual(stocks(quoted), [1, 2]);
});

test("a deal that was closed to me is open again when a quote has its price", () => {
  const quote = (unit_price_minor: number): LiveEvent =>
    ({ name: "quoted", lines: [{ product_id: "shirt", variant_id: "m", unit_price_minor, stock: 1 }] });
  const again = [quote(1_000), quote(800)].reduce(reduce, joined({ deals: [deal()] }));
  assert.deepEqual(prices(again), [800, 800]);
  assert.equal(again.plain[0]!.variants[0]!.price_minor, 1_000);
});

test("a refusal that leaves some pieces at the deal's price does not close the deal", () => {
  const refused = (left: number) => ({ code: "order.limit_reached", message: "", details: { limit: 2, bought: 0, left } });
  assert.equal(isDealOpen(refused(2)), true);
  assert.equal(isDealOpen(refused(0)), false);
  assert.equal(isDealOpen({ code: "order.deal_ended", message: "", details: { left: 2 } }), false);
});

test("what is held for me is there for me, until its time is over", () => {
  const state = joined({ products: [{ ...shirt, variants: shirt.variants.map((one) => ({ ...one, stock: 0 })), stock: 0 }], holds: [hold({ quantity: 2 })] });
  assert.deepEqual(stocks(state), [2, 0]);
  assert.equal(nextChange(state), 50_000);
  assert.deepEqual(stocks(reduce(state, { name: "clock", at_ms: 50_000 })), [0, 0]);
});

test("of two words about a hold the newer one holds, whichever comes last", () => {
  const heard = (quantity: number, version: number): LiveEvent =>
    ({ name: "hold.changed", payload: { live_session_id, hold: hold({ quantity }), version } });
  const state = [heard(2, 7), heard(0, 5)].reduce(reduce, joined());
  assert.equal(state.holds.m!.quantity, 2);
});

test("a refused order counts what is held for me once", () => {
  const state = joined({ holds: [hold({ quantity: 2 })] });
  const quoted = reduce(state, { name: "quoted", lines: [{ product_id: "shirt", variant_id: "m", unit_price_minor: 1_000, stock: 4 }] });
  assert.deepEqual(stocks(quoted), [4, 2]);
});

test("the answer to a claim stays with its message and brings its hold", () => {
  const message = { id: "x", text: "SOLD A1", name: "Me", role: "customer" as const, is_host: false, sent_at_ms: 1, author_id: "me" };
  const claim = { outcome: "held" as const, code: "A1", product_name: "Shirt", label: "M", wished: 1, hold: hold(), choices: [] };
  const state = [
    { name: "line.pending", line: message } as LiveEvent,
    { name: "line.sent", id: "x", message, claim } as LiveEvent,
    { name: "snapshot", payload: snapshot({ holds: [hold()], chat: [message] }) } as LiveEvent,
  ].reduce(reduce, joined());
  assert.equal(state.claims.x?.outcome, "held");
  assert.equal(state.holds.m?.quantity, 1);
});

test("without deals and holds the products are the very same", () => {
  assert.equal(shownProducts([shirt], joined())[0], shirt);
});
