import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyDraft, fromAddress, mobileDigits, stateOfPin, toAddress, wrongFields } from "../src/buy/address.ts";
import { attemptFor } from "../src/buy/attempt.ts";
import { gstinFault, spelled } from "../src/buy/gstin.ts";

const draft = { ...emptyDraft, name: " Meera ", phone: "098765 43210", postal_code: "560 001", line1: "12, MG Road", city: "Bengaluru", state: "Karnataka" };

for (const [typed, digits] of [["98765 43210", "9876543210"], ["+91-98765-43210", "9876543210"], ["09876543210", "9876543210"], ["9198765432", "9198765432"], ["12345", "12345"]] as const) {
  test(`mobile number ${typed} reads ${digits}`, () => assert.equal(mobileDigits(typed), digits));
}

test("an empty address names every field that is needed", () => {
  assert.deepEqual(wrongFields(emptyDraft), ["name", "phone", "postal_code", "line1", "city", "state"]);
});

for (const [field, value] of [["phone", "1234567890"], ["postal_code", "012345"], ["postal_code", "56000"], ["line1", "12"], ["city", "  "]] as const) {
  test(`${field} "${value}" is wrong`, () => assert.deepEqual(wrongFields({ ...draft, [field]: value }), [field]));
}

test("an address is sent tidied and read back the same", () => {
  assert.deepEqual(wrongFields(draft), []);
  const address = toAddress(draft);
  assert.equal(address.phone, "+919876543210");
  assert.equal(address.postal_code, "560001");
  assert.equal(address.line2, null);
  assert.deepEqual(toAddress(fromAddress(address)), address);
});

test("a PIN code names the state only where it can be one", () => {
  assert.equal(stateOfPin("560001"), "Karnataka");
  assert.equal(stateOfPin("700016"), "West Bengal");
  assert.equal(stateOfPin("5600"), null);
  assert.equal(stateOfPin("999999"), null);
});

test("an order keeps its id until its contents change", () => {
  let made = 0;
  const next = () => `id-${(made += 1)}`;
  const contents = {
    live_session_id: "l", items: [{ variant_id: "v", quantity: 1 }], address: toAddress(draft), payment_method: "cod" as const, shown_total_minor: 100,
  };
  const first = attemptFor(null, contents, next);
  assert.equal(attemptFor(first, structuredClone(contents), next).id, first.id);
  assert.notEqual(attemptFor(first, { ...contents, shown_total_minor: 200 }, next).id, first.id);
});

test("a GSTIN is judged as the server judges it", () => {
  assert.equal(gstinFault("27AAPFU0939F1ZV"), null);
  assert.equal(gstinFault(" 27 aapfu-0939f 1zv "), null, "as it is printed");
  assert.equal(gstinFault("38AAPFU0939F1ZS"), null, "Ladakh");
  assert.equal(gstinFault("27AAPFU0939F1ZO"), "gst.check_digit");
  assert.equal(gstinFault("72AAPFU0939F1ZV"), "gst.state_unknown");
  assert.equal(gstinFault("27AAPXU0939F1ZV"), "gst.malformed", "no such kind of PAN");
  assert.equal(gstinFault("27AAPFU0000F1ZV"), "gst.malformed");
  assert.equal(gstinFault("27AAPFU0939F1Z"), "gst.malformed");
  assert.equal(spelled("27 aapfu-0939f 1zv"), "27AAPFU0939F1ZV");
});
