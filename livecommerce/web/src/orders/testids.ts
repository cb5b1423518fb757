/**
 * Handles for tests of the orders page; apart from those of the viewer page, whose script they would lengthen.
 *
 * List: `order-row-<number>` `orders-older` `orders-newest` `rate-due`
 * Order: `order-status` (its data-status) `step-<name>` (its data-state) `history` `order-cancel` `order-return` `until-return` `order-pay`
 *   `order-again` `line-<order_item_id>` `parcel` `track` `document-<number>` `return-<number>` `withdraw` `confirm-withdraw` `rate`
 * Cancel and return: `more-<order_item_id>` `less-<order_item_id>` `units-<order_item_id>` `reason` `comment` `upi-id` `sum` `submit` `confirm`
 * Payment: `pay-stage` (its data-stage) `method-<name>` `pay-choose` `countdown` `leave` `not-paid` `upi-link` `upi-qr` `i-paid` `utr` `utr-send`
 */
export const ids = {
  row: (number: string) => `order-row-${number}`,
  older: "orders-older",
  newest: "orders-newest",
  rateDue: "rate-due",
  status: "order-status",
  step: (name: string) => `step-${name}`,
  history: "history",
  cancel: "order-cancel",
  return: "order-return",
  returnUntil: "until-return",
  pay: "order-pay",
  again: "order-again",
  line: (id: string) => `line-${id}`,
  parcel: "parcel",
  track: "track",
  document: (number: string) => `document-${number}`,
  returned: (number: string) => `return-${number}`,
  withdraw: "withdraw",
  confirmWithdraw: "confirm-withdraw",
  rate: "rate",
  more: (id: string) => `more-${id}`,
  less: (id: string) => `less-${id}`,
  units: (id: string) => `units-${id}`,
  reason: "reason",
  comment: "comment",
  upiId: "upi-id",
  sum: "sum",
  submit: "submit",
  confirm: "confirm",
  stage: "pay-stage",
  method: (name: string) => `method-${name}`,
  choose: "pay-choose",
  countdown: "countdown",
  leave: "leave",
  notPaid: "not-paid",
  upiLink: "upi-link",
  upiQr: "upi-qr",
  iPaid: "i-paid",
  utr: "utr",
  utrSend: "utr-send",
} as const;
