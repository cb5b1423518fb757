/**
 * Handles for tests of `/admin/orders`: `tab-orders` `tab-returns` `filter-<all|status|shelf>` `order-search`
 *   `order-<order number>` (a row) `order-status` (its data-status) `order-cancel` `cancel-<order_item_id>` `cancel-reason`
 *   `confirm-cancel` `attribution-<order_item_id>` `paper-<number>`; those of parcels and returns are in `parcels/testids.ts`
 */
export const ids = {
  search: "order-search",
  row: (number: string) => `order-${number}`,
  status: "order-status",
  cancel: "order-cancel",
  pieces: (item: string) => `cancel-${item}`,
  reason: "cancel-reason",
  confirm: "confirm-cancel",
  attribution: (item: string) => `attribution-${item}`,
  paper: (number: string) => `paper-${number}`,
} as const;
