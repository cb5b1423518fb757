/**
 * Handles for tests of the shop.
 *
 * `/products`: `shop-search` `shop-sort` `shop-category` `shop-brand` `shop-min` `shop-max` `shop-stock` `shop-more` `product-<id>` `to-wishlist`
 * `/products/<id>`: `choose-<kind>-<value>` `quantity` `add-to-bag` `wish` (aria-pressed) `review-rate-<n>` `review-title`
 *   `review-body` `review-send` `review`
 * `/wishlist`: `wished-<id>` and in it `wished-add` `wished-choose` `wished-remove`; `wishlist-more`
 */
export const ids = {
  search: "shop-search",
  sort: "shop-sort",
  category: "shop-category",
  brand: "shop-brand",
  min: "shop-min",
  max: "shop-max",
  stock: "shop-stock",
  more: "shop-more",
  card: (id: string) => `product-${id}`,
  choose: (kind: string, value: string) => `choose-${kind}-${value}`,
  quantity: "quantity",
  add: "add-to-bag",
  wish: "wish",
  rate: (stars: number) => `review-rate-${stars}`,
  reviewTitle: "review-title",
  reviewBody: "review-body",
  reviewSend: "review-send",
  review: "review",
  toWishlist: "to-wishlist",
  wished: (id: string) => `wished-${id}`,
  wishedAdd: "wished-add",
  wishedChoose: "wished-choose",
  wishedRemove: "wished-remove",
  wishlistMore: "wishlist-more",
} as const;
