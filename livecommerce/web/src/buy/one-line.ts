import type { Address } from "../wire/contract.gen.ts";

export const inOneLine = (address: Address) =>
  [address.name, address.line1, address.line2, address.city, address.postal_code].filter(Boolean).join(", ");
