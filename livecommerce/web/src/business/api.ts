/** The wholesaler's REST calls about products; shapes as the server's OpenAPI document gives them. */
import { freshToken, restAs } from "../wire/identity.ts";
import type { Reply } from "../wire/rest.ts";
import type { Reviews } from "../shop/api.ts";

export type Status = "active" | "inactive" | "discontinued";
export type State = "all" | "for_sale" | "hidden" | "low_stock" | "sold_out" | "discontinued";
export const states: readonly State[] = ["all", "for_sale", "low_stock", "sold_out", "hidden", "discontinued"];
export type Reason = "received" | "returned" | "damaged" | "lost" | "counted" | "correction";
export const reasons: readonly Reason[] = ["received", "returned", "damaged", "lost", "counted", "correction"];

/** Rates of GST on goods, in basis points, as the server takes them; the common ones first. */
export const gstRates: readonly number[] = [0, 500, 1800, 4000, 25, 100, 150, 300, 600, 750, 1200, 2800];

export interface Listed {
  id: string;
  name: string;
  sku: string;
  category: string;
  image_url: string | null;
  status: Status;
  price_minor: number;
  mrp_minor: number;
  stock: number;
  min_stock_level: number;
  is_low: boolean;
  variants: number;
  total_sales: number;
}

export interface Variant {
  id: string;
  label: string;
  sku: string | null;
  color: string | null;
  size: string | null;
  options: Readonly<Record<string, string>>;
  price_minor: number | null;
  stock: number;
}

export interface Translation {
  name: string;
  short_description: string | null;
  description: string | null;
}

export interface Product {
  id: string;
  name: string;
  short_description: string;
  description: string;
  sku: string | null;
  barcode: string | null;
  category: string;
  subcategory: string;
  brand: string;
  tags: readonly string[];
  keywords: readonly string[];
  mrp_minor: number;
  price_minor: number | null;
  wholesale_price_minor: number;
  hsn_code: string | null;
  tax_rate_bp: number;
  country_of_origin: string | null;
  importer: string | null;
  net_quantity: string | null;
  weight_g: number | null;
  dimensions_mm: { length: number; width: number; height: number } | null;
  images: readonly string[];
  videos: readonly string[];
  meta_title: string | null;
  meta_description: string | null;
  min_stock_level: number;
  status: Status;
  is_live_stream_eligible: boolean;
  translations: Readonly<Record<string, Translation>>;
  variants: readonly Variant[];
  average_rating: number;
  total_reviews: number;
  total_sales: number;
}

export interface Products {
  products: readonly Listed[];
  next: string | null;
  counts: Readonly<Record<State, number>>;
}

export interface Move {
  id: number;
  variant_id: string;
  label: string;
  delta: number;
  reason: Reason | "opening" | "import" | null;
  note: string | null;
  by: string | null;
  order_number: string | null;
  at_ms: number;
}

export interface ImportLine {
  line: number;
  sku: string;
  product_name: string;
  outcome: "create" | "update" | "unchanged" | "refused";
  faults: readonly { column: string; code: string; message: string }[];
}

export interface Report {
  mode: "dry_run" | "apply";
  counts: Readonly<Record<ImportLine["outcome"], number>>;
  lines: readonly ImportLine[];
  ignored_columns: readonly string[];
}

const root = "/wholesaler/products";
export const list = (search: string, state: string, after: string) =>
  restAs<Products>(`${root}?${new URLSearchParams({ search, state: states.find((one) => one === state) ?? "all", after })}`);
export const one = (id: string) => restAs<{ product: Product }>(`${root}/${id}`);
export const create = (body: unknown) => restAs<{ product: Product }>(root, { body });
export const change = (id: string, body: unknown) => restAs<{ product: Product }>(`${root}/${id}`, { method: "PATCH", body });
export const adjust = (id: string, body: unknown) => restAs<{ product: Product }>(`${root}/${id}/stock`, { body });
export const moves = (id: string, after: string) => restAs<{ moves: Move[]; next: string | null }>(`${root}/${id}/stock-moves?after=${after}`);
export const reviews = (id: string) => restAs<Reviews>(`${root}/${id}/reviews`);
export const reply = (id: string, body: string | null) => restAs(`/wholesaler/reviews/${id}/reply`, { body: { body } });

const timeout_ms = 180_000;

/** A file as the body of a call. */
async function send<T>(path: string, file: Blob, type: string): Promise<Reply<T>> {
  const token = await freshToken();
  try {
    const response = await fetch(`/api/v1${path}`, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": type, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: file,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(timeout_ms),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return { ok: answer as T };
    return { refused: (answer as { refused?: Reply<T>["refused"] } | null)?.refused ?? { code: "service.unavailable", message: "" } };
  } catch {
    return { refused: { code: "connection.lost", message: "" } };
  }
}

export const addImage = (file: File) => send<{ image: { url: string } }>("/wholesaler/product-images", file, file.type || "image/jpeg");
export const importFile = (file: Blob, mode: Report["mode"], setStock: boolean) =>
  send<{ report: Report }>(`/wholesaler/product-import?mode=${mode}&set_stock=${setStock}`, file, "text/csv");
