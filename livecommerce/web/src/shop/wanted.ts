/** What a visitor wants to see, as it stands in the address, and as the server is asked for it. Pure. */
export type Sort = "relevance" | "newest" | "price_up" | "price_down" | "rating";
export const sorts: readonly Sort[] = ["relevance", "newest", "price_up", "price_down", "rating"];

export const defaults = { search: "", category: "", brand: "", min: "", max: "", stock: "", sort: "relevance" } as const;
export type Name = keyof typeof defaults;
export type Wanted = Readonly<Record<Name, string>>;

/** Whole rupees as people type them ("1,200", "₹1200"), in paise; null for what is no amount. */
export function rupees(text: string): number | null {
  const digits = text.replace(/[₹,\s]/g, "");
  return /^\d{1,8}$/.test(digits) ? Number(digits) * 100 : null;
}

export function queryOf(wanted: Wanted, after: string): URLSearchParams {
  const min = rupees(wanted.min);
  const max = rupees(wanted.max);
  const sort: Sort = sorts.find((one) => one === wanted.sort) ?? "relevance";
  return new URLSearchParams({
    search: wanted.search.trim().slice(0, 100), category: wanted.category.slice(0, 100), brand: wanted.brand.slice(0, 100),
    price_min_minor: min === null ? "" : String(min), price_max_minor: max === null ? "" : String(max),
    in_stock: wanted.stock === "1" ? "true" : "false", sort, after,
  });
}

/** Whether anything but the order narrows the list. */
export const isNarrowed = (wanted: Wanted): boolean =>
  (Object.keys(defaults) as Name[]).some((name) => name !== "sort" && wanted[name].trim() !== "");
