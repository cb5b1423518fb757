import assert from "node:assert/strict";
import { test } from "node:test";
import type { Product as Own } from "../src/business/api.ts";
import { bodyOf, changesOf, decimal, draftOf, emptyDraft, newVariant, paise, units, unreadable } from "../src/business/draft.ts";
import { deltasOf } from "../src/business/stock-change.ts";
import type { Variant } from "../src/shop/api.ts";
import { chosen, kindsOf, stockWith, valuesOf, variantFor } from "../src/shop/variants.ts";
import { defaults, isNarrowed, queryOf, rupees } from "../src/shop/wanted.ts";

const variant = (id: string, color: string | null, size: string | null, stock: number, options: Record<string, string> = {}): Variant => ({
  id, label: id, color, size, options, price_minor: 100, stock,
});
const shirts = [variant("bm", "Blue", "M", 3), variant("bl", "Blue", "L", 0), variant("rm", "Red", "M", 2)];

test("what all variants share is no choice", () => {
  assert.deepEqual(kindsOf([variant("a", "Blue", "M", 1), variant("b", "Blue", "L", 1)]), [{ name: "size", values: ["M", "L"] }]);
  assert.deepEqual(kindsOf([variant("a", null, null, 1)]), []);
  assert.deepEqual(kindsOf([variant("a", null, null, 1, { Fit: "Slim" }), variant("b", null, null, 1, { Fit: "Loose" })]).map((kind) => kind.name), ["Fit"]);
});

test("a tap on a value that does not go with the rest moves the rest", () => {
  assert.deepEqual(chosen(shirts, { color: "Blue", size: "L" }, "color", "Red"), { color: "Red", size: "M" });
  assert.deepEqual(chosen(shirts, { color: "Blue", size: "M" }, "size", "L"), { color: "Blue", size: "L" });
});

test("the variant of a choice is one that is in stock when there is one", () => {
  assert.equal(variantFor(shirts, { color: "Blue" })?.id, "bm");
  assert.equal(variantFor(shirts, { color: "Green" }), null);
  assert.deepEqual(valuesOf(shirts[0]!), { color: "Blue", size: "M" });
  assert.equal(stockWith(shirts, { color: "Blue", size: "M" }, "size", "L"), 0);
  assert.equal(stockWith(shirts, { color: "Blue", size: "L" }, "color", "Red"), 2);
});

test("rupees as people type them", () => {
  assert.equal(rupees("₹1,200"), 120_000);
  for (const text of ["", "12.5", "-3", "a lot"]) assert.equal(rupees(text), null);
});

test("what is wanted is asked for, and an order that nobody knows is not", () => {
  const query = queryOf({ ...defaults, search: " lamp ", min: "100", stock: "1", sort: "magic" }, "x");
  assert.equal(query.toString(), "search=lamp&category=&brand=&price_min_minor=10000&price_max_minor=&in_stock=true&sort=relevance&after=x");
  assert.equal(isNarrowed(defaults), false);
  assert.equal(isNarrowed({ ...defaults, sort: "newest" }), false);
  assert.equal(isNarrowed({ ...defaults, brand: "Gully" }), true);
});

test("decimals go to small units and back", () => {
  assert.equal(paise("1,299.5"), 129_950);
  assert.equal(paise("₹99"), 9_900);
  assert.equal(paise(""), null);
  for (const text of ["1.234", "x", "1e3", "-1"]) assert.equal(paise(text), undefined);
  assert.equal(units("0.35", 3), 350);
  for (const [small, places, text] of [[129950, 2, "1299.50"], [129900, 2, "1299"], [5, 2, "0.05"], [350, 3, "0.35"], [205, 1, "20.5"], [0, 0, "0"], [null, 2, ""]] as const) {
    assert.equal(decimal(small, places), text);
    assert.equal(units(text, places), small);
  }
});

const product: Own = {
  id: "p", name: "Shirt", short_description: "", description: "", sku: "S", barcode: null, category: "Fashion", subcategory: "", brand: "Coast",
  tags: ["linen"], keywords: [], mrp_minor: 199_900, price_minor: 129_900, wholesale_price_minor: 50_050, hsn_code: "6205", tax_rate_bp: 500,
  country_of_origin: null, importer: null, net_quantity: null, weight_g: 350, dimensions_mm: { length: 300, width: 205, height: 40 },
  images: ["/images/products/a.webp"], videos: [], meta_title: null, meta_description: null, min_stock_level: 5, status: "active", is_live_stream_eligible: true,
  translations: { hi: { name: "कमीज़", short_description: null, description: null } },
  variants: [{ id: "v", label: "M", sku: null, color: null, size: "M", options: { Fit: "Slim" }, price_minor: null, stock: 7 }],
  average_rating: 0, total_reviews: 0, total_sales: 0,
};

test("a product that nobody touched has no changes", () => {
  assert.deepEqual(changesOf(draftOf(product), product), {});
});

test("only what was changed is sent; what was removed is named", () => {
  const draft = { ...draftOf(product), price: "1,199", hiName: "", removed: ["v"], variants: [newVariant("n")] };
  const changes = changesOf(draft, product);
  assert.deepEqual(Object.keys(changes).sort(), ["price_minor", "removed_variant_ids", "translations", "variants"]);
  assert.deepEqual(changes.translations, { hi: null });
  assert.deepEqual(changes.variants, [{ stock: 0, sku: null, color: null, size: null, options: {}, price_minor: null }]);
});

test("what is no number is found before it is sent", () => {
  const draft = { ...emptyDraft("k"), name: "A", mrp: "x", length: "10", variants: [{ ...newVariant("k"), price: "1.234", stock: "two" }] };
  assert.deepEqual(unreadable(draft), ["mrp_minor", "dimensions_mm", "variants.0.price_minor", "variants.0.stock"]);
  assert.equal(bodyOf({ ...draft, length: "" }).dimensions_mm, null);
});

test("pieces that were lost go off whatever sign was typed, and only a correction goes both ways", () => {
  assert.deepEqual(deltasOf("received", { a: "20", b: " " }), [{ variant_id: "a", delta: 20 }]);
  assert.deepEqual(deltasOf("lost", { a: "3" }), [{ variant_id: "a", delta: -3 }]);
  assert.deepEqual(deltasOf("damaged", { a: "-3" }), [{ variant_id: "a", delta: -3 }]);
  assert.deepEqual(deltasOf("correction", { a: "-3", b: "+2" }), [{ variant_id: "a", delta: -3 }, { variant_id: "b", delta: 2 }]);
  assert.deepEqual(deltasOf("counted", { a: "0" }), [{ variant_id: "a", counted: 0 }]);
  assert.equal(deltasOf("received", { a: "-1" }), null);
  assert.equal(deltasOf("counted", { a: "-1" }), null);
  assert.equal(deltasOf("received", { a: "many" }), null);
  assert.deepEqual(deltasOf("received", { a: "0" }), []);
});
