import assert from "node:assert/strict";
import { test } from "node:test";
import { chatKept, initial, reduce, type LiveEvent, type LiveState } from "../src/live/state.ts";
import { chatState, engagement } from "./fixtures.ts";
import type { ChatMessage, Order, Product, Recovered, Snapshot } from "../src/wire/contract.gen.ts";

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const live_session_id = id(1);

const liveSession = (status: Snapshot["live_session"]["status"]): Snapshot["live_session"] => ({
  id: live_session_id, title: "Sarees", description: "", status, influencer: { id: id(2), display_name: "Asha" },
  scheduled_start_at_ms: null, started_at_ms: null, ended_at_ms: null,
});
const product = (n: number, stocks: number[]): Product => ({
  id: id(100 + n), name: `Product ${n}`, short_description: "", image_url: "/p.png", price_minor: 10_000, compare_at_minor: null, currency: "INR",
  display_order: 10 - n, translations: {}, claim_code: `A${n}`, stock: stocks.reduce((a, b) => a + b, 0),
  variants: stocks.map((stock, at) => ({ id: id(1000 * n + at), label: `${at}`, color: null, size: null, price_minor: 10_000, stock })),
});
const message = (n: number, text = `line ${n}`): ChatMessage => ({
  id: id(5000 + n), text, name: "Meera", role: "customer", is_host: false, sent_at_ms: 1_000_000 + n, author_id: id(9),
});
const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  live_session: liveSession("live"), position: { epoch: "e1", offset: 10 }, media: { source: "m1", available: true }, pinned: null,
  products: [product(1, [5, 2]), product(2, [1])], deals: [], holds: [], chat: [], viewers: 3, you: initial.you, server_time_ms: 0,
  terms: { chat_max_chars: 200, shipping_minor: 0, cod_fee_minor: 0, hold_policy: "hold", hold_ttl_s: 600, claim_keyword: "SOLD" },
  sales: null, chat_state: chatState(), engagement, ...more,
});
const at = (offset: number, epoch = "e1") => ({ live_session_id, epoch, offset });
const posted = (offset: number, ...messages: ChatMessage[]): LiveEvent =>
  ({ name: "chat.posted", payload: { ...at(offset), left_out: 0, messages: messages.map((one) => ({ ...one, offset })) } });
const run = (events: LiveEvent[], from: LiveState = initial) => events.reduce(reduce, from);
const joined = run([{ name: "snapshot", payload: snapshot() }]);

test("a snapshot replaces everything and sorts products by their order on the shelf", () => {
  assert.equal(joined.phase, "ready");
  assert.deepEqual(joined.products.map((one) => one.name), ["Product 2", "Product 1"]);
});

test("an event at or before the position changes nothing", () => {
  const pin: LiveEvent = { name: "product.pinned", payload: { ...at(11), product_id: id(101) } };
  const once = reduce(joined, pin);
  assert.equal(once.pinned, id(101));
  assert.equal(reduce(once, pin), once);
  assert.equal(reduce(once, { name: "product.unpinned", payload: { ...at(9), product_id: id(101) } }), once);
});

test("a refused order corrects price and stock of the variant it names", () => {
  const lines = [{ product_id: id(101), variant_id: id(1001), unit_price_minor: 9_000, stock: 0 }];
  const [, product_1] = reduce(joined, { name: "quoted", lines }).products;
  assert.deepEqual(product_1!.variants.map(({ price_minor, stock }) => [price_minor, stock]), [[10_000, 5], [9_000, 0]]);
  assert.equal(product_1!.price_minor, 9_000);
  assert.equal(product_1!.stock, 5);
});

test("a refused order for a product that is gone changes no price", () => {
  const lines = [
    { product_id: null, variant_id: id(9), unit_price_minor: null, stock: 0 },
    { product_id: id(102), variant_id: id(2000), unit_price_minor: null, stock: 0 },
  ];
  const [product_2] = reduce(joined, { name: "quoted", lines }).products;
  assert.equal(product_2!.price_minor, 10_000);
  assert.equal(product_2!.stock, 0);
});

test("a snapshot taken later equals the events that led to it", () => {
  const events: LiveEvent[] = [
    { name: "product.pinned", payload: { ...at(11), product_id: id(101) } },
    posted(12, message(1)),
    { name: "stock.changed", payload: { ...at(13), product_id: id(101), variant_id: id(1000), stock: 4 } },
    posted(14, message(2)),
    { name: "chat.deleted", payload: { ...at(15), message_id: message(1).id } },
  ];
  const byEvents = run(events, joined);
  const bySnapshot = run([{
    name: "snapshot",
    payload: snapshot({ position: { epoch: "e1", offset: 15 }, pinned: id(101), products: [product(1, [4, 2]), product(2, [1])], chat: [message(2)] }),
  }], joined);
  assert.deepEqual(byEvents, bySnapshot);
});

test("another epoch asks for what was missed and keeps showing what there is", () => {
  const other = reduce(joined, { name: "product.pinned", payload: { ...at(1, "e2"), product_id: id(101) } });
  assert.deepEqual(other.stale, { from: { epoch: "e1", offset: 10 } });
  assert.equal(other.pinned, null);
  assert.equal(reduce(other, { name: "snapshot", payload: snapshot({ position: { epoch: "e2", offset: 1 } }) }).stale, null);
});

test("a gap told by the hub asks for what came after its place, and without one for a fresh snapshot", () => {
  const position = { epoch: "e1", offset: 7 };
  assert.deepEqual(reduce(joined, { name: "sync.gap", payload: { live_session_id, position } }).stale, { from: position });
  assert.deepEqual(reduce(joined, { name: "sync.gap", payload: { live_session_id, position: null } }).stale, { from: null });
});

test("a live session that is gone after a gap is not asked for again and again", () => {
  const lost = reduce(joined, { name: "sync.gap", payload: { live_session_id, position: null } });
  assert.equal(reduce(lost, { name: "missing" }).stale, null);
});

const recovered = (from: number, upTo: number, events: LiveEvent[]): LiveEvent => ({
  name: "recovered", from: { epoch: "e1", offset: from },
  answer: {
    events: events as unknown as Recovered["events"], position: { epoch: "e1", offset: upTo }, is_complete: true, snapshot: null, viewers: 9, you: joined.you,
    holds: [], sales: null, standing: joined.standing, mine: engagement.mine, server_time_ms: 5,
  },
});

test("what was missed, applied in order, leads where the events themselves would have led", () => {
  const events: LiveEvent[] = [posted(11, message(1)), { name: "product.pinned", payload: { ...at(12), product_id: id(101) } }, posted(13, message(2))];
  const heard = run(events, joined);
  const lost = reduce(joined, recovered(10, 13, events));
  assert.deepEqual({ ...lost, viewers: heard.viewers, at_ms: heard.at_ms }, heard);
});

test("what a slow page skipped is put in although later events came through", () => {
  const ahead = run([{ name: "product.pinned", payload: { ...at(14), product_id: id(102) } }, { name: "sync.gap", payload: { live_session_id, position: { epoch: "e1", offset: 10 } } }], joined);
  const after = reduce(ahead, recovered(10, 14, [posted(11, message(1)), { name: "product.pinned", payload: { ...at(14), product_id: id(102) } }]));
  assert.deepEqual(after.chat.map((line) => line.text), ["line 1"]);
  assert.equal(after.pinned, id(102));
  assert.deepEqual(after.position, { epoch: "e1", offset: 14 });
  assert.equal(after.stale, null);
});

test("a moved place on the bus is where later events are counted from", () => {
  const moved = reduce(joined, { name: "sync.moved", payload: { live_session_id, position: { epoch: "e2", offset: 3 }, is_degraded: true } });
  assert.equal(reduce(moved, { name: "product.pinned", payload: { ...at(4, "e2"), product_id: id(101) } }).pinned, id(101));
});

test("new rights ask for what only those see who have them", () => {
  const you = { ...joined.standing, permissions: ["moderate_chat"] as const };
  const appointed = reduce(joined, { name: "standing.changed", payload: { live_session_id, you } });
  assert.deepEqual(appointed.stale, { from: null });
  const dismissed = reduce({ ...appointed, stale: null }, { name: "standing.changed", payload: { live_session_id, you: joined.standing } });
  assert.equal(dismissed.stale, null);
});

test("whoever is put out sees nothing more of the chat", () => {
  const out = reduce(run([posted(11, message(1))], joined), { name: "person.banned", payload: { live_session_id } });
  assert.equal(out.phase, "banned");
  assert.equal(out.chat.length, 0);
});

test("nothing but a snapshot counts before the first snapshot", () => {
  const early = reduce(initial, { name: "product.pinned", payload: { ...at(3), product_id: id(101) } });
  assert.equal(early.pinned, null);
});

test("stock of a product is the sum of its variants", () => {
  const next = reduce(joined, { name: "stock.changed", payload: { ...at(11), product_id: id(101), variant_id: id(1001), stock: 0 } });
  assert.equal(next.products.find((one) => one.id === id(101))?.stock, 5);
});

test("a price without a variant is the price of all", () => {
  const next = reduce(joined, { name: "price.changed", payload: { ...at(11), product_id: id(101), variant_id: null, price_minor: 9_000, compare_at_minor: null } });
  const changed = next.products.find((one) => one.id === id(101));
  assert.equal(changed?.price_minor, 9_000);
  assert.ok(changed?.variants.every((variant) => variant.price_minor === 9_000));
});

test("unpinning a product that is no longer pinned leaves the one that is", () => {
  const next = run([
    { name: "product.pinned", payload: { ...at(11), product_id: id(102) } },
    { name: "product.unpinned", payload: { ...at(12), product_id: id(101) } },
  ], joined);
  assert.equal(next.pinned, id(102));
});

for (const [situation, order] of [["before", [0, 1]], ["after", [1, 0]]] as const) {
  test(`our own line is shown once when the answer comes ${situation} the broadcast`, () => {
    const own = message(7);
    const answers: LiveEvent[] = [{ name: "line.sent", id: own.id, message: own }, posted(11, own)];
    const next = run([{ name: "line.pending", line: own }, ...order.map((n) => answers[n]!)], joined);
    assert.deepEqual(next.chat.map((line) => [line.id, line.state]), [[own.id, "sent"]]);
  });
}

test("a refused line stays with its reason, also through a reconnect, until it is dropped", () => {
  const own = message(7);
  const refused = run([
    { name: "line.pending", line: own },
    { name: "line.refused", id: own.id, refusal: { code: "rate.limited", message: "", retry_after_s: 2 } },
    { name: "snapshot", payload: snapshot({ chat: [message(1)] }) },
  ], joined);
  assert.deepEqual(refused.chat.map((line) => line.state), ["sent", "refused"]);
  assert.equal(reduce(refused, { name: "line.dropped", id: own.id }).chat.length, 1);
});

test("a line that the fresh history lacks is gone: it may have been deleted meanwhile", () => {
  const before = run([posted(11, message(1)), posted(12, message(2)), posted(13, message(3))], joined);
  const after = reduce(before, { name: "snapshot", payload: snapshot({ position: { epoch: "e1", offset: 20 }, chat: [message(2), message(4)] }) });
  assert.deepEqual(after.chat.map((line) => line.text), ["line 2", "line 4"]);
});

test("chat in memory is bounded", () => {
  const many = run(Array.from({ length: chatKept + 50 }, (_, n) => posted(11 + n, message(n))), joined);
  assert.equal(many.chat.length, chatKept);
  assert.equal(many.chat.at(-1)?.text, `line ${chatKept + 49}`);
});

test("reactions add up and tell the last batch", () => {
  const next = run([3, 4].map((count) => ({ name: "reactions.counted", payload: { live_session_id, count, kinds: {} } }) as LiveEvent), joined);
  assert.deepEqual(next.reactions, { total: 7, last: 4 });
});

test("of one's own order the last word is kept, also of one that was not placed here", () => {
  const told = (payment_status: string): LiveEvent =>
    ({ name: "order.updated", payload: { live_session_id: null, order: { id: id(300), payment_status } as Order } });
  const next = run([told("pending"), told("paid")], joined);
  assert.equal(next.orders[id(300)]?.payment_status, "paid");
});

test("a server that is cut off from the others says so, until it says otherwise or tells all anew", () => {
  const moved = (is_degraded: boolean): LiveEvent =>
    ({ name: "sync.moved", payload: { live_session_id, position: { epoch: "e2", offset: 0 }, is_degraded } });
  const cut = run([moved(true)], joined);
  assert.equal(cut.isDegraded, true);
  assert.equal(run([moved(false)], cut).isDegraded, false);
  assert.equal(reduce(cut, { name: "snapshot", payload: snapshot({}) }).isDegraded, false);
});
