/**
 * Handles for tests of the coupons of `/admin/money`, `/business/money` and `/studio/money`: `coupon-new` `coupon-form`
 *   `coupon-<field>` (code title kind-percent kind-fixed percent amount most min_spend quota session live funder starts ends)
 *   `coupon-save` `coupon-<code>` (a row, its data-state inside) `coupon-stop` `confirm-stop`
 */
export const ids = {
  create: "coupon-new",
  form: "coupon-form",
  field: (name: string) => `coupon-${name}`,
  save: "coupon-save",
  row: (code: string) => `coupon-${code}`,
  stop: "coupon-stop",
  confirmStop: "confirm-stop",
} as const;
