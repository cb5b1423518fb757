/**
 * Handles for tests and benches; they are part of the interface of the pages.
 *
 * Viewer page: `live-video` `stage` (its data-state: before joining live paused waiting reconnecting blocked
 *   ended missing full offline; data-link: connecting open lost) `sound` (the pill, while muted)
 *   `sound-toggle` `viewers` `chat-input` `chat-send`
 *   `chat-line` (data-line: sent pending held refused; data-message-id, data-mentioned, data-marks) `chat-more` (of a message)
 *   `pinned-message` (data-message-id) `joined` `writing` (data-mode: anonymous open over off muted followers buyers slow)
 *   `slow-mode` `ask-toggle` `follow` `menu-follow` `unfollow` `link-closed` `hosting` `shelf-pin-<product_id>` `pin-card` (data-product-id)
 *   `buy` `bag` `reaction` `shelf-<product_id>` `menu` `deal` (data-deal-id) `hold` `hold-pill`
 *   `claim` (data-outcome; below one's own message)
 * Together: `reactions-open` `reaction-<kind>` `questions-open` (data-count) `questions-sheet` `question-text` `question-send`
 *   `question` (data-question-id, data-picked) `upvote` `question-pick` `question-answer` `question-dismiss` `poll-open`
 *   `poll-card` `poll-option-<n>` (data-votes, data-mine, data-best) `giveaway-open` `giveaway-card` `giveaway-enter`
 *   `giveaway-in` `winner` (data-mine) `draw-open` `draw-sheet` `draw-check` (data-outcome: checking fits fits-not unknown)
 * Buy sheet: `buy-sheet` `variant-<variant_id>` `quantity` `quantity-less` `quantity-more` `place-order`
 *   `order-number` `refusal` `refusal-action` and the fields `address-name` `address-phone`
 *   `address-line1` `address-line2` `address-landmark` `address-city` `address-state` `address-postal-code`
 *   `pay-<method>` `use-address` `saved-address` `other-address`
 *   `coupon-open` `coupon-code` `coupon-apply` `coupon` (data-code) `business-open` `gstin` `business-close` `discount` `cod-fee` `total` `pay-now` `add-to-bag`
 *   `hold-place` `hold-release` `waitlist-join` `waitlist-leave` `waiting`
 * Bag (sheet over the video, page /bag): `cart` (the button; data-pieces) `bag-sheet` `bag-empty`
 *   `bag-line-<variant_id>` (data-changes, data-off) `bag-quantity-<variant_id>` and its `-less` and `-more`,
 *   `bag-remove-<variant_id>`; ordering as in the buy sheet
 * Account page of a customer: `book-address` (data-default) `edit-address` `other-address`, and the address fields
 * Account form (buy sheet, chat, log-in page): `account-form` `account-name` `account-email`
 *   `account-password` `account-submit` `account-mode` `role-<role>`
 * Account page of who is paid: `payment-details` `payment-edit` `payment-form` `payment-save`
 *   `payment-cancel` `payment-<field>` (masked), `payment-<field>-input`, `payment-<field>-remove` and
 *   `payment-repeat-input`; fields: bank-account-number ifsc-code bank-name upi-id pan-number gst-number
 * Studio: `new-session` `session-title` `session-description` `session-start` `session-visibility` `session-hold` `session-claims` `product-search`
 *   `pick-<product_id>` `save-session` `open-<live_session_id>` `camera-on` `camera-select`
 *   `microphone-select` `preview` `go-live` `pause` `resume` `end-live` `confirm-end` `studio-state`
 *   `pin-<product_id>` `unpin` `chat-input` `sales-orders` `sales-revenue` `sales-paid`
 *   `sales-viewers` `sales-peak` `sales-joins` `clicks-<product_id>` `orders-<product_id>` `health`
 *   `deal-open-<product_id>` `deal-form` `deal-price` `deal-minutes` `deal-begins` `deal-variant` `deal-total`
 *   `deal-customer` `deal-aside` `deal-start` `deal-stop-<product_id>` `deal-running-<product_id>`
 *
 * Performance marks of the viewer page: lc-join-start (first webrtc.watch leaves), lc-offer (its answer
 *   came), lc-connected (ICE and DTLS done), lc-first-frame.
 */
export const ids = {
  liveVideo: "live-video",
  stage: "stage",
  sound: "sound",
  soundToggle: "sound-toggle",
  viewers: "viewers",
  chatInput: "chat-input",
  chatSend: "chat-send",
  chatLine: "chat-line",
  chatMore: "chat-more",
  pinnedMessage: "pinned-message",
  joined: "joined",
  writing: "writing",
  slowMode: "slow-mode",
  askToggle: "ask-toggle",
  follow: "follow",
  menuFollow: "menu-follow",
  unfollow: "unfollow",
  degraded: "degraded",
  linkClosed: "link-closed",
  hosting: "hosting",
  giveawayOpen: "giveaway-open",
  giveawayCard: "giveaway-card",
  giveawayEnter: "giveaway-enter",
  giveawayIn: "giveaway-in",
  winner: "winner",
  drawOpen: "draw-open",
  drawSheet: "draw-sheet",
  drawCheck: "draw-check",
  pollOpen: "poll-open",
  pollCard: "poll-card",
  pollOption: (at: number) => `poll-option-${at}`,
  reactionsOpen: "reactions-open",
  reactionKind: (kind: string) => `reaction-${kind}`,
  questionsOpen: "questions-open",
  questionsSheet: "questions-sheet",
  questionText: "question-text",
  questionSend: "question-send",
  question: "question",
  upvote: "upvote",
  questionPick: "question-pick",
  questionAnswer: "question-answer",
  questionDismiss: "question-dismiss",
  shelfPin: (product_id: string) => `shelf-pin-${product_id}`,
  pinCard: "pin-card",
  buy: "buy",
  bag: "bag",
  reaction: "reaction",
  menu: "menu",
  deal: "deal",
  hold: "hold",
  holdPill: "hold-pill",
  claim: "claim",
  holdPlace: "hold-place",
  holdRelease: "hold-release",
  waitlistJoin: "waitlist-join",
  waitlistLeave: "waitlist-leave",
  waiting: "waiting",
  shelf: (product_id: string) => `shelf-${product_id}`,
  buySheet: "buy-sheet",
  variant: (variant_id: string) => `variant-${variant_id}`,
  quantity: "quantity",
  placeOrder: "place-order",
  orderNumber: "order-number",
  refusal: "refusal",
  refusalAction: "refusal-action",
  address: (field: string) => `address-${field.replace("_", "-")}`,
  pay: (method: string) => `pay-${method}`,
  useAddress: "use-address",
  savedAddress: "saved-address",
  otherAddress: "other-address",
  editAddress: "edit-address",
  bookAddress: "book-address",
  coupon: "coupon",
  couponOpen: "coupon-open",
  couponCode: "coupon-code",
  couponApply: "coupon-apply",
  businessOpen: "business-open",
  businessClose: "business-close",
  gstin: "gstin",
  discount: "discount",
  codFee: "cod-fee",
  total: "total",
  payNow: "pay-now",
  addToBag: "add-to-bag",
  cart: "cart",
  bagSheet: "bag-sheet",
  bagEmpty: "bag-empty",
  bagLine: (variant_id: string) => `bag-line-${variant_id}`,
  bagQuantity: (variant_id: string) => `bag-quantity-${variant_id}`,
  bagRemove: (variant_id: string) => `bag-remove-${variant_id}`,
  accountForm: "account-form",
  account: (field: string) => `account-${field}`,
  role: (role: string) => `role-${role}`,
  paymentDetails: "payment-details",
  payment: (part: string) => `payment-${part.replaceAll("_", "-")}`,
  newSession: "new-session",
  firstSession: "first-session",
  sessionTitle: "session-title",
  sessionDescription: "session-description",
  sessionStart: "session-start",
  sessionVisibility: "session-visibility",
  sessionHold: "session-hold",
  sessionClaims: "session-claims",
  productSearch: "product-search",
  pick: (product_id: string) => `pick-${product_id}`,
  saveSession: "save-session",
  open: (live_session_id: string) => `open-${live_session_id}`,
  cameraOn: "camera-on",
  cameraSelect: "camera-select",
  microphoneSelect: "microphone-select",
  preview: "preview",
  goLive: "go-live",
  pause: "pause",
  resume: "resume",
  endLive: "end-live",
  confirmEnd: "confirm-end",
  studioState: "studio-state",
  pin: (product_id: string) => `pin-${product_id}`,
  unpin: "unpin",
  sales: (figure: "orders" | "revenue" | "paid" | "viewers" | "peak" | "joins") => `sales-${figure}`,
  clicks: (product_id: string) => `clicks-${product_id}`,
  orders: (product_id: string) => `orders-${product_id}`,
  health: "health",
  dealOpen: (product_id: string) => `deal-open-${product_id}`,
  dealForm: "deal-form",
  dealField: (field: string) => `deal-${field}`,
  dealStart: "deal-start",
  dealStop: (product_id: string) => `deal-stop-${product_id}`,
  dealRunning: (product_id: string) => `deal-running-${product_id}`,
} as const;
