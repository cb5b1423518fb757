/** The delivery address: reading what was typed, and what is wrong with it. Pure. */
import type { Address } from "../wire/contract.gen.ts";

export const fields = ["name", "phone", "postal_code", "line1", "line2", "landmark", "city", "state"] as const;
export type AddressField = (typeof fields)[number];
export type AddressDraft = Record<AddressField, string>;

export const emptyDraft: AddressDraft = { name: "", phone: "", postal_code: "", line1: "", line2: "", landmark: "", city: "", state: "" };

/** States and union territories by the names under which the shop keeps them. */
export const states = [
  "Andaman and Nicobar Islands", "Andhra Pradesh", "Arunachal Pradesh", "Assam", "Bihar", "Chandigarh", "Chhattisgarh",
  "Dadra and Nagar Haveli and Daman and Diu", "Delhi", "Goa", "Gujarat", "Haryana", "Himachal Pradesh", "Jammu and Kashmir",
  "Jharkhand", "Karnataka", "Kerala", "Ladakh", "Lakshadweep", "Madhya Pradesh", "Maharashtra", "Manipur", "Meghalaya",
  "Mizoram", "Nagaland", "Odisha", "Puducherry", "Punjab", "Rajasthan", "Sikkim", "Tamil Nadu", "Telangana", "Tripura",
  "Uttar Pradesh", "Uttarakhand", "West Bengal",
] as const;

/** First two digits of PIN codes that lie in one state only; the others are left to the person. */
const stateByPin: Record<string, (typeof states)[number]> = {
  11: "Delhi", 12: "Haryana", 13: "Haryana", 14: "Punjab", 15: "Punjab", 17: "Himachal Pradesh", 20: "Uttar Pradesh",
  21: "Uttar Pradesh", 22: "Uttar Pradesh", 23: "Uttar Pradesh", 27: "Uttar Pradesh", 28: "Uttar Pradesh", 30: "Rajasthan",
  31: "Rajasthan", 32: "Rajasthan", 33: "Rajasthan", 34: "Rajasthan", 37: "Gujarat", 38: "Gujarat", 41: "Maharashtra",
  42: "Maharashtra", 43: "Maharashtra", 44: "Maharashtra", 45: "Madhya Pradesh", 46: "Madhya Pradesh", 47: "Madhya Pradesh",
  48: "Madhya Pradesh", 49: "Chhattisgarh", 50: "Telangana", 51: "Andhra Pradesh", 52: "Andhra Pradesh", 53: "Andhra Pradesh",
  56: "Karnataka", 57: "Karnataka", 58: "Karnataka", 59: "Karnataka", 61: "Tamil Nadu", 62: "Tamil Nadu", 63: "Tamil Nadu",
  64: "Tamil Nadu", 69: "Kerala", 70: "West Bengal", 71: "West Bengal", 72: "West Bengal", 75: "Odisha", 76: "Odisha", 77: "Odisha", 78: "Assam",
};

export function stateOfPin(postal_code: string): string | null {
  const digits = postal_code.replace(/\D/g, "");
  return digits.length === 6 ? (stateByPin[digits.slice(0, 2)] ?? null) : null;
}

/** Ten digits, from +91, a leading 0, spaces and dashes; what cannot be one is returned as it was typed. */
export function mobileDigits(typed: string): string {
  const digits = typed.replace(/\D/g, "");
  const national = digits.length > 10 && digits.startsWith("91") ? digits.slice(2) : digits.replace(/^0+/, "");
  return national.length === 10 ? national : typed.trim();
}

export const isPin = (typed: string) => /^[1-9]\d{5}$/.test(typed.replace(/\s/g, ""));

export function wrongFields(draft: AddressDraft): AddressField[] {
  const empty = (field: AddressField) => draft[field].trim() === "";
  return fields.filter((field) => {
    if (field === "phone") return !/^[6-9]\d{9}$/.test(mobileDigits(draft.phone));
    if (field === "postal_code") return !isPin(draft.postal_code);
    if (field === "line1") return draft.line1.trim().length < 3;
    if (field === "line2" || field === "landmark") return false;
    return empty(field);
  });
}

export function toAddress(draft: AddressDraft): Address {
  const text = (field: AddressField) => draft[field].trim();
  return {
    name: text("name"), phone: `+91${mobileDigits(draft.phone)}`, line1: text("line1"), line2: text("line2") || null,
    landmark: text("landmark") || null, city: text("city"), state: text("state"),
    postal_code: draft.postal_code.replace(/\s/g, ""), country: "IN",
  };
}

export function fromAddress(address: Address): AddressDraft {
  return {
    name: address.name, phone: address.phone.replace(/^\+91/, ""), postal_code: address.postal_code, line1: address.line1,
    line2: address.line2 ?? "", landmark: address.landmark ?? "", city: address.city, state: address.state,
  };
}
