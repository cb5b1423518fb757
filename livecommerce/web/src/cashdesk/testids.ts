/**
 * Handles for tests of `/admin/money`: `tab-<view>` (payouts payees cod upi refunds events coupons ledger) `filter-<status>`
 *   `run-preview` (its data-minor, data-payees) `run-start` `run-word` `confirm-run` `batch-<id>` `batch-file` `payout-<id>`
 *   `payout-paid` `payout-returned` `payout-cancel` `ask-text` `confirm-ask` `payee-<id>` `payee-adjust` `adjust-amount`
 *   `adjust-reason` `confirm-adjust` `payment-<order number>` `cod-collected` `cod-tick` `cod-remit`
 *   `confirm-step` `upi-confirm` `upi-reject` `upi-reference` `upi-amount` `confirm-upi` `refund-<id>` `refund-done`
 *   `refund-retry` `event-<id>` `event-done` `event-retry` `ledger-balanced`
 */
export const ids = {
  preview: "run-preview",
  start: "run-start",
  word: "run-word",
  confirmRun: "confirm-run",
  batch: (id: string) => `batch-${id}`,
  batchFile: "batch-file",
  payout: (id: string) => `payout-${id}`,
  payoutPaid: "payout-paid",
  payoutReturned: "payout-returned",
  payoutCancel: "payout-cancel",
  text: "ask-text",
  confirm: "confirm-ask",
  payee: (id: string) => `payee-${id}`,
  adjust: "payee-adjust",
  adjustAmount: "adjust-amount",
  adjustReason: "adjust-reason",
  confirmAdjust: "confirm-adjust",
  payment: (order: string) => `payment-${order}`,
  codCollected: "cod-collected",
  codTick: "cod-tick",
  codRemit: "cod-remit",
  confirmStep: "confirm-step",
  upiConfirm: "upi-confirm",
  upiReject: "upi-reject",
  upiReference: "upi-reference",
  upiAmount: "upi-amount",
  confirmUpi: "confirm-upi",
  refund: (id: string) => `refund-${id}`,
  refundDone: "refund-done",
  refundRetry: "refund-retry",
  event: (id: string) => `event-${id}`,
  eventDone: "event-done",
  eventRetry: "event-retry",
  balanced: "ledger-balanced",
} as const;
