import assert from "node:assert/strict";
import { test } from "node:test";
import { productText, written } from "../src/wire/product-text.ts";

const plain = { name: "Linen shirt", short_description: "For humid days.", translations: {} };
const hindi = { name: "लिनेन शर्ट", short_description: "उमस भरे दिनों के लिए।" };

test("a product is called by its name in the language of the page", () => {
  const product = { ...plain, translations: { hi: hindi } };
  assert.deepEqual(productText(product, "hi"), {
    name: { text: hindi.name, lang: undefined }, about: { text: hindi.short_description, lang: undefined },
  });
  assert.deepEqual(productText(product, "en"), {
    name: { text: "Linen shirt", lang: undefined }, about: { text: "For humid days.", lang: undefined },
  });
});

test("what has no translation stands as it was written, and says in which language", () => {
  assert.deepEqual(productText(plain, "hi"), {
    name: { text: "Linen shirt", lang: "en" }, about: { text: "For humid days.", lang: "en" },
  });
  const nameOnly = { ...plain, translations: { hi: { name: hindi.name, short_description: null } } };
  assert.deepEqual(productText(nameOnly, "hi"), {
    name: { text: hindi.name, lang: undefined }, about: { text: "For humid days.", lang: "en" },
  });
  const written_in_hindi = { ...hindi, translations: {} };
  assert.equal(productText(written_in_hindi, "en").name.lang, "hi");
});

test("a text of both scripts is Hindi, and one of neither belongs to any page", () => {
  assert.equal(written("AMOLED फ़िटनेस वॉच", "hi").lang, undefined);
  assert.equal(written("AMOLED फ़िटनेस वॉच", "en").lang, "hi");
  assert.equal(written("501", "hi").lang, undefined);
  assert.equal(productText({ name: "501", translations: {} }, "hi").about.text, "");
});
