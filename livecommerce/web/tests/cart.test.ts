import assert from "node:assert/strict";
import { test } from "node:test";
import { sums } from "../src/buy/sums.ts";
import { toItems } from "../src/cart/items.ts";
import { mostLines, read, toMerge, withAdded, withQuantity, type LocalCart, type LocalLine } from "../src/cart/local.ts";
import { readReferral, takeReferral } from "../src/cart/touch-memory.ts";
import type { CartLine } from "../src/wire/contract.gen.ts";

const shown = { product_id: "p", name: "Linen shirt", label: "M", image_url: "", price_minor: 129900, translations: {} };
const line = (more: Partial<LocalLine> = {}): LocalLine => ({ variant_id: "v", quantity: 1, live_session_id: null, touched_at_ms: 1, shown, ...more });
const empty: LocalCart = { id: "merge-1", lines: [] };

test("more of the same variant is one line, up to the most of one", () => {
  const cart = withAdded(withAdded(empty, line({ quantity: 8 }), 10), line({ quantity: 5 }), 10);
  assert.deepEqual(cart.lines.map(({ quantity }) => quantity), [10]);
});

test("the last live session that put a line there counts, and a page of the shop does not take it away", () => {
  const first = withAdded(empty, line({ live_session_id: "a", touched_at_ms: 10 }), 10);
  const elsewhere = withAdded(first, line({ touched_at_ms: 20 }), 10);
  assert.deepEqual([elsewhere.lines[0]!.live_session_id, elsewhere.lines[0]!.touched_at_ms], ["a", 10]);
  const second = withAdded(elsewhere, line({ live_session_id: "b", touched_at_ms: 30 }), 10);
  assert.deepEqual([second.lines[0]!.live_session_id, second.lines[0]!.touched_at_ms], ["b", 30]);
});

test("a full bag takes no new line", () => {
  const full = { ...empty, lines: Array.from({ length: mostLines }, (_, at) => line({ variant_id: `v${at}` })) };
  assert.equal(withAdded(full, line(), 10), full);
  assert.equal(withAdded(full, line({ variant_id: "v3" }), 10).lines[3]!.quantity, 2);
});

test("a quantity of zero takes the line away", () => {
  const cart = withAdded(empty, line(), 10);
  assert.equal(withQuantity(cart, "v", 4).lines[0]!.quantity, 4);
  assert.deepEqual(withQuantity(cart, "v", 0).lines, []);
});

test("what is merged carries when it was touched, only where a live session did", () => {
  const cart = { ...empty, lines: [line({ live_session_id: "a", touched_at_ms: 12.7 }), line({ variant_id: "w" })] };
  assert.deepEqual(toMerge(cart), {
    id: "merge-1",
    lines: [
      { variant_id: "v", quantity: 1, live_session_id: "a", touched_at_ms: 13 },
      { variant_id: "w", quantity: 1, live_session_id: null, touched_at_ms: null },
    ],
  });
});

for (const text of [null, "", "null", "[]", "{}", '{"id":1,"lines":[]}', '{"id":"x"}', "{broken"]) {
  test(`storage that holds ${text} is no bag`, () => assert.equal(read(text), null));
}

test("storage keeps good lines and leaves out broken ones", () => {
  const kept = read(JSON.stringify({ id: "x", lines: [line(), null, line({ quantity: 0 }), line({ quantity: 1.5 }), { variant_id: "y" }] }));
  assert.deepEqual(kept, { id: "x", lines: [line()] });
});

test("what can be ordered is ordered, with the deal that was shown", () => {
  const base = { variant_id: "v", quantity: 4, can_order: 3, live_session_id: "a", deal: { id: "d", ends_at_ms: 1, customer_limit: null } } as unknown as CartLine;
  assert.deepEqual(toItems([base, { ...base, variant_id: "w", can_order: 0 }, { ...base, variant_id: "x", deal: null, live_session_id: null }]), [
    { variant_id: "v", quantity: 3, live_session_id: "a", deal_id: "d" },
    { variant_id: "x", quantity: 3, live_session_id: null, deal_id: null },
  ]);
});

const counted = { subtotal_minor: 10_000, shipping_minor: 4_900, cod_fee_minor: 2_500 };

test("the fee for cash counts for cash, a discount never takes more than the goods cost", () => {
  assert.equal(sums(counted, true, 1_000, null).total_minor, 16_400);
  assert.equal(sums(counted, false, 1_000, null).total_minor, 13_900);
  assert.deepEqual(sums(counted, false, 99_999, null), { subtotal_minor: 10_000, shipping_minor: 4_900, cod_fee_minor: 0, discount_minor: 10_000, total_minor: 4_900 });
});

test("a total that the server named still adds up", () => {
  const corrected = sums(counted, true, 1_000, 20_000);
  assert.equal(corrected.total_minor, 20_000);
  assert.equal(corrected.subtotal_minor + corrected.shipping_minor + corrected.cod_fee_minor - corrected.discount_minor, 20_000);
});

test("the code of a link is taken out of the address and remembered for thirty days", () => {
  assert.deepEqual(takeReferral("https://a.example/live/1?ref=meera222&x=1#y"), { code: "MEERA222", href: "https://a.example/live/1?x=1#y" });
  assert.equal(takeReferral("https://a.example/?ref=../../etc").code, null);
  const now_ms = 40 * 86_400_000;
  const kept = (at_ms: number) => readReferral(JSON.stringify({ code: "MEERA222", at_ms }), now_ms)?.code ?? null;
  assert.deepEqual([kept(now_ms), kept(now_ms - 29 * 86_400_000), kept(now_ms - 31 * 86_400_000), kept(now_ms + 1)], ["MEERA222", "MEERA222", null, null]);
  for (const text of [null, "x", '{"code":"a"}', '{"code":"MEERA222"}']) assert.equal(readReferral(text, now_ms), null);
});
