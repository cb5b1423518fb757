/**
 * Handles for tests of `/studio?links`: `studio-links` (the way there) `link-new` `link-to-<shop|product|live>` `link-search`
 *   `link-product-<id>` `link-live-<id>` `link-make` `link-<code>` (data-path) `link-copy` `link-clicks` `link-customers`
 *   `link-orders` `link-earned` (its data-minor)
 */
export const linkIds = {
  open: "studio-links",
  create: "link-new",
  to: (target: string) => `link-to-${target}`,
  search: "link-search",
  product: (id: string) => `link-product-${id}`,
  live: (id: string) => `link-live-${id}`,
  make: "link-make",
  row: (code: string) => `link-${code}`,
  copy: "link-copy",
  clicks: "link-clicks",
  customers: "link-customers",
  orders: "link-orders",
  earned: "link-earned",
} as const;

/** Handles for tests of `/studio?figures=<id>`: `figures-<live session>` (the way there) `figure-<which>` `figure-<product>-<step>` */
export const figureIds = {
  open: (id: string) => `figures-${id}`,
  total: (which: string) => `figure-${which}`,
  way: (product_id: string, step: string) => `figure-${product_id}-${step}`,
} as const;
