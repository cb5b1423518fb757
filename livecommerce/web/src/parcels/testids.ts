/**
 * Handles for tests of `/business/orders`: `tab-orders` `tab-returns` `tab-invoices` `filter-<shelf>`
 *   `part-<order number>` (a row) `part-status` (its data-status) `pieces-<order_item_id>` `carrier` `tracking-number`
 *   `tracking-url` `ship` `pack` `decline` `decline-reason` `confirm-decline` `parcel` (its data-status) `parcel-<step>`
 *   `confirm-deliver` `confirm-return` `restock` `return-<return number>` `approve` `reject` `reject-note`
 *   `confirm-reject` `receive` `received-<order_item_id>` `restock-<order_item_id>` `confirm-receive` `invoice-<number>` `cash`
 *   (its data-status, data-own) `took-cash`
 */
export const ids = {
  row: (order: string) => `part-${order}`,
  status: "part-status",
  pieces: (item: string) => `pieces-${item}`,
  carrier: "carrier",
  trackingNumber: "tracking-number",
  trackingUrl: "tracking-url",
  ship: "ship",
  pack: "pack",
  decline: "decline",
  declineReason: "decline-reason",
  confirmDecline: "confirm-decline",
  parcel: "parcel",
  parcelStep: (step: string) => `parcel-${step}`,
  confirmDeliver: "confirm-deliver",
  confirmReturn: "confirm-return",
  restock: "restock",
  cash: "cash",
  tookCash: "took-cash",
  returnRow: (number: string) => `return-${number}`,
  approve: "approve",
  reject: "reject",
  rejectNote: "reject-note",
  confirmReject: "confirm-reject",
  receive: "receive",
  received: (item: string) => `received-${item}`,
  restockOf: (item: string) => `restock-${item}`,
  confirmReceive: "confirm-receive",
  invoice: (number: string) => `invoice-${number}`,
} as const;
