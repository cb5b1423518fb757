/** The shop's REST calls; shapes as the server's OpenAPI document gives them. */
import { restAs } from "../wire/identity.ts";
import type { Translated } from "../wire/product-text.ts";

export interface Card extends Translated {
  id: string;
  short_description: string;
  category: string;
  brand: string;
  wholesaler_name: string;
  image_url: string | null;
  price_minor: number;
  compare_at_minor: number | null;
  in_stock: boolean;
  stock: number;
  average_rating: number;
  total_reviews: number;
  is_wished: boolean;
}

export interface Variant {
  id: string;
  label: string;
  color: string | null;
  size: string | null;
  options: Readonly<Record<string, string>>;
  price_minor: number;
  stock: number;
}

export interface Review {
  id: string;
  product_id: string;
  rating: number;
  title: string;
  body: string;
  author_name: string;
  is_verified_purchase: boolean;
  status: "published" | "hidden";
  hidden_reason: string | null;
  reply: string | null;
  replied_at_ms: number | null;
  created_at_ms: number;
}

export interface Product extends Card {
  description: string;
  subcategory: string;
  images: readonly string[];
  videos: readonly string[];
  mrp_minor: number;
  tax_rate_bp: number;
  hsn_code: string | null;
  country_of_origin: string | null;
  importer: string | null;
  net_quantity: string | null;
  weight_g: number | null;
  dimensions_mm: { length: number; width: number; height: number } | null;
  variants: readonly Variant[];
  ratings: Readonly<Record<string, number>>;
  can_review: boolean;
  my_review: Review | null;
}

export interface Page {
  products: readonly Card[];
  next: string | null;
  is_fuzzy: boolean;
}

/** only_variant_id: what goes into the bag; null where there is something to choose first. */
export interface Wish {
  readonly id: string;
  readonly product: Card;
  readonly only_variant_id: string | null;
  readonly added_at_ms: number;
}

export interface Wishlist {
  readonly items: readonly Wish[];
  readonly next: string | null;
}

export interface Reviews {
  reviews: readonly Review[];
  next: string | null;
}

export const findProducts = (query: URLSearchParams) => restAs<Page>(`/products?${query}`);
export const productFilters = (category: string) =>
  restAs<{ categories: string[]; brands: string[] }>(`/products/filters?category=${encodeURIComponent(category)}`);
export const productOf = (id: string) => restAs<{ product: Product }>(`/products/${id}`);
export const relatedTo = (id: string) => restAs<{ products: Card[] }>(`/products/${id}/related`);
export const reviewsOf = (id: string, after: string) => restAs<Reviews>(`/products/${id}/reviews?after=${encodeURIComponent(after)}`);
export const wishlistFrom = (after: string) => restAs<Wishlist>(`/wishlist?after=${encodeURIComponent(after)}`);
export const setWish = (product_id: string, wished: boolean) =>
  wished ? restAs("/wishlist", { body: { product_id } }) : restAs(`/wishlist/${product_id}/remove`, { body: {} });
export const writeReview = (review: { product_id: string; rating: number; title: string; body: string }) =>
  restAs<{ review: Review }>("/reviews", { body: review });
export const removeReview = (id: string) => restAs(`/reviews/${id}/remove`, { body: {} });
