/** A product while it is edited: everything as text, and what of it is sent. Pure. */
import type { Product, Status, Variant } from "./api.ts";

export interface VariantDraft {
  /** Of one that is there; "" of a new one. */
  readonly id: string;
  /** Tells the rows of the form apart. */
  readonly key: string;
  readonly sku: string;
  readonly color: string;
  readonly size: string;
  readonly options: readonly (readonly [string, string])[];
  readonly price: string;
  /** Of a new one: the first pieces. */
  readonly stock: string;
  readonly onHand: number;
}

export interface Draft {
  readonly name: string;
  readonly short_description: string;
  readonly description: string;
  readonly sku: string;
  readonly barcode: string;
  readonly category: string;
  readonly subcategory: string;
  readonly brand: string;
  readonly tags: string;
  readonly keywords: string;
  readonly mrp: string;
  readonly price: string;
  readonly wholesale: string;
  readonly hsn_code: string;
  readonly tax_rate_bp: number;
  readonly country_of_origin: string;
  readonly importer: string;
  readonly net_quantity: string;
  readonly weight: string;
  readonly length: string;
  readonly width: string;
  readonly height: string;
  readonly images: readonly string[];
  readonly videos: string;
  readonly meta_title: string;
  readonly meta_description: string;
  readonly low: string;
  readonly status: Status;
  readonly live: boolean;
  readonly hiName: string;
  readonly hiShort: string;
  readonly hiText: string;
  readonly variants: readonly VariantDraft[];
  readonly removed: readonly string[];
}

export type Text = { [K in keyof Draft]: Draft[K] extends string ? K : never }[keyof Draft];
export type Errors = Readonly<Record<string, string>>;

/** "1,299.50" or "₹1299" in paise; undefined for what is no amount, null for nothing. */
export const paise = (text: string): number | null | undefined => units(text.replace(/₹/g, ""), 2);

/** A decimal in its small units: "0.35", 3 -> 350. undefined for what is no number with so few places; null for nothing. */
export function units(text: string, places: number): number | null | undefined {
  const plain = text.replace(/[,\s]/g, "");
  if (plain === "") return null;
  const found = /^(\d{1,10})(?:\.(\d*))?$/.exec(plain);
  const rest = found?.[2] ?? "";
  if (!found || rest.length > places) return undefined;
  return Number(found[1]! + rest.padEnd(places, "0"));
}

export function decimal(small: number | null, places: number): string {
  if (small === null) return "";
  const text = String(small).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places);
  const rest = places ? text.slice(-places).replace(/0+$/, "") : "";
  return rest === "" ? whole : `${whole}.${places === 2 ? rest.padEnd(2, "0") : rest}`;
}

const words = (text: string): string[] => text.split(/[,\n]/).map((word) => word.trim()).filter((word) => word !== "");

function variantDraft(variant: Variant): VariantDraft {
  return {
    id: variant.id, key: variant.id, sku: variant.sku ?? "", color: variant.color ?? "", size: variant.size ?? "",
    options: Object.entries(variant.options), price: decimal(variant.price_minor, 2), stock: "", onHand: variant.stock,
  };
}

export const newVariant = (key: string): VariantDraft => ({ id: "", key, sku: "", color: "", size: "", options: [], price: "", stock: "", onHand: 0 });

export const emptyDraft = (key: string): Draft => ({
  name: "", short_description: "", description: "", sku: "", barcode: "", category: "", subcategory: "", brand: "", tags: "", keywords: "",
  mrp: "", price: "", wholesale: "", hsn_code: "", tax_rate_bp: 0, country_of_origin: "", importer: "", net_quantity: "", weight: "", length: "", width: "", height: "",
  images: [], videos: "", meta_title: "", meta_description: "", low: "10", status: "active", live: true, hiName: "", hiShort: "", hiText: "",
  variants: [newVariant(key)], removed: [],
});

export function draftOf(product: Product): Draft {
  const sides = product.dimensions_mm;
  const hi = product.translations.hi;
  return {
    name: product.name, short_description: product.short_description, description: product.description, sku: product.sku ?? "",
    barcode: product.barcode ?? "", category: product.category, subcategory: product.subcategory, brand: product.brand,
    tags: product.tags.join(", "), keywords: product.keywords.join(", "), mrp: decimal(product.mrp_minor, 2), price: decimal(product.price_minor, 2),
    wholesale: decimal(product.wholesale_price_minor, 2), hsn_code: product.hsn_code ?? "", tax_rate_bp: product.tax_rate_bp,
    country_of_origin: product.country_of_origin ?? "", importer: product.importer ?? "", net_quantity: product.net_quantity ?? "",
    weight: decimal(product.weight_g, 3), length: decimal(sides?.length ?? null, 1), width: decimal(sides?.width ?? null, 1), height: decimal(sides?.height ?? null, 1),
    images: product.images, videos: product.videos.join("\n"), meta_title: product.meta_title ?? "", meta_description: product.meta_description ?? "",
    low: String(product.min_stock_level), status: product.status, live: product.is_live_stream_eligible,
    hiName: hi?.name ?? "", hiShort: hi?.short_description ?? "", hiText: hi?.description ?? "",
    variants: product.variants.map(variantDraft), removed: [],
  };
}

/** What a form cannot even send: texts that are no numbers. By field; the words are the page's. */
export function unreadable(draft: Draft): readonly string[] {
  const wrong: string[] = [];
  const check = (path: string, value: number | null | undefined) => { if (value === undefined) wrong.push(path); };
  check("mrp_minor", paise(draft.mrp));
  check("price_minor", paise(draft.price));
  check("wholesale_price_minor", paise(draft.wholesale));
  check("weight_g", units(draft.weight, 3));
  check("min_stock_level", units(draft.low, 0));
  const sides = [draft.length, draft.width, draft.height];
  const filled = sides.filter((side) => side.trim() !== "").length;
  if (sides.some((side) => units(side, 1) === undefined) || (filled !== 0 && filled !== 3)) wrong.push("dimensions_mm");
  draft.variants.forEach((variant, n) => {
    check(`variants.${n}.price_minor`, paise(variant.price));
    check(`variants.${n}.stock`, units(variant.stock, 0));
  });
  return wrong;
}

/** The product as the server takes it. */
export function bodyOf(draft: Draft): Record<string, unknown> {
  const none = (text: string) => text.trim() || null;
  const [length, width, height] = [units(draft.length, 1), units(draft.width, 1), units(draft.height, 1)];
  return {
    name: draft.name.trim(), short_description: draft.short_description.trim(), description: draft.description.trim(), sku: none(draft.sku),
    barcode: none(draft.barcode), category: draft.category.trim(), subcategory: draft.subcategory.trim(), brand: draft.brand.trim(),
    tags: words(draft.tags), keywords: words(draft.keywords), mrp_minor: paise(draft.mrp) ?? null, price_minor: paise(draft.price) ?? null,
    wholesale_price_minor: paise(draft.wholesale) ?? 0, hsn_code: none(draft.hsn_code), tax_rate_bp: draft.tax_rate_bp,
    country_of_origin: none(draft.country_of_origin), importer: none(draft.importer), net_quantity: none(draft.net_quantity),
    weight_g: units(draft.weight, 3) ?? null,
    dimensions_mm: length && width && height ? { length, width, height } : null,
    images: draft.images, videos: words(draft.videos), meta_title: none(draft.meta_title), meta_description: none(draft.meta_description),
    min_stock_level: units(draft.low, 0) ?? 0, status: draft.status, is_live_stream_eligible: draft.live,
    translations: { hi: draft.hiName.trim() ? { name: draft.hiName.trim(), short_description: none(draft.hiShort), description: none(draft.hiText) } : null },
    variants: draft.variants.map((variant) => ({
      ...(variant.id ? { id: variant.id } : { stock: units(variant.stock, 0) ?? 0 }),
      sku: none(variant.sku), color: none(variant.color), size: none(variant.size),
      options: Object.fromEntries(variant.options.filter(([name, value]) => name.trim() !== "" || value.trim() !== "").map(([name, value]) => [name.trim(), value.trim()])),
      price_minor: paise(variant.price) ?? null,
    })),
  };
}

/** What of it differs from what is there, for a change; variants go whole, because their order counts. */
export function changesOf(draft: Draft, before: Product): Record<string, unknown> {
  const now = bodyOf(draft);
  const then = bodyOf(draftOf(before));
  const changed = Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(then[name]));
  return { ...Object.fromEntries(changed), ...(draft.removed.length > 0 ? { removed_variant_ids: draft.removed } : {}) };
}
