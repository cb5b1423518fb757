// Generated from signaling/contract.py by `livecommerce contract --typescript`. Do not edit.

export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

export interface SessionJoin {
  readonly live_session_id: string;
  readonly position?: Position | null;
}

export interface Influencer {
  readonly id: string;
  readonly display_name: string;
}

export interface LiveSession {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly status: "scheduled" | "live" | "paused" | "ended" | "cancelled" | "error";
  readonly influencer: Influencer;
  readonly scheduled_start_at_ms: number | null;
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
}

export interface Media {
  readonly source: string | null;
  readonly available: boolean;
}

export interface Variant {
  readonly id: string;
  readonly label: string;
  readonly color: string | null;
  readonly size: string | null;
  readonly price_minor: number;
  readonly stock: number;
}

export interface ProductText {
  readonly name: string;
  readonly short_description: string | null;
}

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly short_description: string;
  readonly image_url: string;
  readonly price_minor: number;
  readonly compare_at_minor: number | null;
  readonly currency: string;
  readonly display_order: number;
  readonly stock: number;
  readonly variants: readonly Variant[];
  readonly translations: Readonly<Record<string, ProductText>>;
  readonly claim_code: string;
}

export interface Deal {
  readonly id: string;
  readonly product_id: string;
  readonly variant_id: string | null;
  readonly price_minor: number;
  readonly starts_at_ms: number;
  readonly ends_at_ms: number;
  readonly total_limit: number | null;
  readonly customer_limit: number | null;
  readonly sold: number;
}

export interface Hold {
  readonly variant_id: string;
  readonly product_id: string;
  readonly quantity: number;
  readonly expires_at_ms: number | null;
  readonly source: string | null;
  readonly waiting: number;
  readonly is_turn: boolean;
}

export interface ChatMessage {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly role: "customer" | "influencer" | "wholesaler" | "admin";
  readonly is_host: boolean;
  readonly sent_at_ms: number;
  readonly author_id: string;
}

export interface You {
  readonly role: "customer" | "influencer" | "wholesaler" | "admin" | "anonymous";
  readonly display_name: string | null;
  readonly user_id: string | null;
  readonly is_host: boolean;
}

export interface Terms {
  readonly chat_max_chars: number;
  readonly shipping_minor: number;
  readonly cod_fee_minor: number;
  readonly hold_policy: "hold" | "first_paid";
  readonly hold_ttl_s: number;
  readonly claim_keyword: string;
}

export interface ProductSales {
  readonly product_id: string;
  readonly clicks: number;
  readonly orders: number;
  readonly revenue_minor: number;
}

export interface Sales {
  readonly joins: number;
  readonly viewers: number;
  readonly peak_viewers: number;
  readonly orders: number;
  readonly revenue_minor: number;
  readonly paid_minor: number;
  readonly products: readonly ProductSales[];
}

export interface Snapshot {
  readonly live_session: LiveSession;
  readonly position: Position;
  readonly media: Media;
  readonly pinned: string | null;
  readonly products: readonly Product[];
  readonly deals: readonly Deal[];
  readonly holds: readonly Hold[];
  readonly chat: readonly ChatMessage[];
  readonly viewers: number;
  readonly you: You;
  readonly server_time_ms: number;
  readonly terms: Terms;
  readonly sales: Sales | null;
}

export interface InLiveSession {
  readonly live_session_id: string;
}

export type Empty = Record<string, never>;

export interface LiveSessionOk {
  readonly live_session: LiveSession;
}

export interface ChatSend {
  readonly live_session_id: string;
  readonly id: string;
  readonly text: string;
}

export interface ClaimAnswer {
  readonly outcome: "held" | "waiting" | "first_paid" | "unclear" | "unknown" | "unavailable" | "invalid";
  readonly code: string;
  readonly product_name: string;
  readonly label: string;
  readonly wished: number;
  readonly hold: Hold | null;
  readonly choices: readonly string[];
}

export interface ChatSent {
  readonly message: ChatMessage;
  readonly claim: ClaimAnswer | null;
}

export interface ChatDelete {
  readonly live_session_id: string;
  readonly message_id: string;
}

export interface ReactionSend {
  readonly live_session_id: string;
  readonly count: number;
}

export interface ProductChoice {
  readonly live_session_id: string;
  readonly product_id: string;
}

export interface ProductClick {
  readonly live_session_id: string;
  readonly product_id: string;
  readonly id: string;
}

export interface DealStart {
  readonly live_session_id: string;
  readonly id: string;
  readonly product_id: string;
  readonly variant_id?: string | null;
  readonly price_minor: number;
  readonly starts_in_s?: number;
  readonly duration_s: number;
  readonly total_limit?: number | null;
  readonly customer_limit?: number | null;
  readonly is_set_aside?: boolean;
}

export interface DealOk {
  readonly deal: Deal;
}

export interface DealChoice {
  readonly live_session_id: string;
  readonly deal_id: string;
}

export interface VariantWish {
  readonly live_session_id: string;
  readonly variant_id: string;
  readonly quantity: number;
}

export interface HoldOk {
  readonly hold: Hold;
  readonly missing: number;
}

export interface VariantChoice {
  readonly live_session_id: string;
  readonly variant_id: string;
}

export interface HoldReleased {
  readonly released: number;
}

export interface WaitlistOk {
  readonly hold: Hold;
  readonly ahead: number;
}

export interface CartDeal {
  readonly id: string;
  readonly ends_at_ms: number;
  readonly customer_limit: number | null;
}

export interface CartLine {
  readonly variant_id: string;
  readonly product_id: string;
  readonly name: string;
  readonly label: string;
  readonly color: string | null;
  readonly size: string | null;
  readonly image_url: string;
  readonly translations: Readonly<Record<string, ProductText>>;
  readonly wholesaler_id: string;
  readonly wholesaler_name: string;
  readonly quantity: number;
  readonly can_order: number;
  readonly unit_price_minor: number;
  readonly was_minor: number;
  readonly mrp_minor: number | null;
  readonly total_minor: number;
  readonly available: number;
  readonly live_session_id: string | null;
  readonly live_session_title: string | null;
  readonly deal: CartDeal | null;
  readonly hold_until_ms: number | null;
  readonly changes: readonly ("price_changed" | "deal_over" | "over_limit" | "few_left" | "sold_out" | "not_for_sale")[];
  readonly added_at_ms: number;
}

export interface Cart {
  readonly lines: readonly CartLine[];
  readonly pieces: number;
  readonly subtotal_minor: number;
  readonly shipping_minor: number;
  readonly cod_fee_minor: number;
  readonly total_minor: number;
  readonly currency: string;
  readonly max_quantity: number;
}

export interface CartOk {
  readonly cart: Cart;
}

export interface CartAdd {
  readonly id: string;
  readonly variant_id: string;
  readonly quantity: number;
  readonly live_session_id?: string | null;
}

export interface CartUpdate {
  readonly variant_id: string;
  readonly quantity: number;
}

export interface CartRemove {
  readonly variant_ids: readonly string[];
}

export interface CartMergeLine {
  readonly variant_id: string;
  readonly quantity: number;
  readonly live_session_id?: string | null;
  readonly touched_at_ms?: number | null;
}

export interface CartMerge {
  readonly id: string;
  readonly lines: readonly CartMergeLine[];
}

export interface CouponLine {
  readonly variant_id: string;
  readonly quantity: number;
  readonly live_session_id?: string | null;
  readonly deal_id?: string | null;
}

export interface CouponCheck {
  readonly code: string;
  readonly lines: readonly CouponLine[];
}

export interface CouponTitle {
  readonly code: string;
  readonly title: string;
}

export interface CouponOk {
  readonly coupon: CouponTitle;
  readonly eligible_minor: number;
  readonly discount_minor: number;
}

export interface OrderLine {
  readonly variant_id: string;
  readonly quantity: number;
  readonly live_session_id?: string | null;
  readonly deal_id?: string | null;
}

export interface Address {
  readonly name: string;
  readonly phone: string;
  readonly line1: string;
  readonly line2?: string | null;
  readonly landmark?: string | null;
  readonly city: string;
  readonly state: string;
  readonly postal_code: string;
  readonly country: "IN";
}

export interface OrderPlace {
  readonly id: string;
  readonly live_session_id?: string | null;
  readonly items: readonly OrderLine[];
  readonly address: Address;
  readonly payment_method: "cod" | "test" | "upi" | "stripe" | "razorpay";
  readonly shown_total_minor: number;
  readonly coupon_code?: string | null;
  readonly from_cart?: boolean;
  readonly buyer_gstin?: string | null;
}

export interface OrderPayment {
  readonly provider: string;
  readonly status: string;
}

export interface OrderItem {
  readonly order_item_id: string;
  readonly product_id: string | null;
  readonly variant_id: string | null;
  readonly name: string;
  readonly label: string;
  readonly image_url: string | null;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly total_minor: number;
  readonly discount_minor: number;
  readonly tax_rate: number;
  readonly deal_id: string | null;
  readonly quantity_cancelled: number;
  readonly quantity_shipped: number;
  readonly quantity_delivered: number;
  readonly quantity_returned: number;
}

export interface Order {
  readonly id: string;
  readonly order_number: string;
  readonly status: string;
  readonly payment_status: string;
  readonly payment_method: string;
  readonly subtotal_minor: number;
  readonly discount_minor: number;
  readonly shipping_minor: number;
  readonly cod_fee_minor: number;
  readonly total_minor: number;
  readonly coupon_code: string | null;
  readonly currency: string;
  readonly placed_at_ms: number;
  readonly pay_until_ms: number | null;
  readonly payment: OrderPayment | null;
  readonly address: Address;
  readonly items: readonly OrderItem[];
}

export interface OrderPlaced {
  readonly order: Order;
  readonly outcome: "placed" | "duplicate";
}

export interface OrderGet {
  readonly order_id: string;
}

export interface OrderOk {
  readonly order: Order;
}

export interface WebrtcPublish {
  readonly live_session_id: string;
  readonly sdp: string;
  readonly continues?: string | null;
}

export interface PublishOk {
  readonly peer_id: string;
  readonly sdp: string;
}

export interface WatchOk {
  readonly peer_id: string;
  readonly source: string;
  readonly sdp: string;
}

export interface WebrtcAnswer {
  readonly peer_id: string;
  readonly sdp: string;
}

export interface PeerChoice {
  readonly peer_id: string;
}

export interface RestartOk {
  readonly sdp: string;
}

export interface AuthRenew {
  readonly token: string;
}

export interface RenewOk {
  readonly you: You;
}

export interface SessionChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly live_session: LiveSession;
}

export interface MediaChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly source: string | null;
  readonly available: boolean;
}

export interface ProductPinned {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly product_id: string;
}

export interface StockChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly product_id: string;
  readonly variant_id: string;
  readonly stock: number;
}

export interface PriceChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly product_id: string;
  readonly variant_id: string | null;
  readonly price_minor: number;
  readonly compare_at_minor: number | null;
}

export interface DealStarted {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly deal: Deal;
}

export interface DealCounted {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly deal_id: string;
  readonly sold: number;
}

export interface DealEnded {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly deal_id: string;
  readonly product_id: string;
  readonly variant_id: string | null;
  readonly reason: "time" | "sold_out" | "stopped" | "session_ended";
  readonly ended_at_ms: number;
}

export interface HoldChanged {
  readonly live_session_id: string;
  readonly hold: Hold;
  readonly version: number;
}

export interface ChatDeleted {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly message_id: string;
}

export interface PostedMessage {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly role: "customer" | "influencer" | "wholesaler" | "admin";
  readonly is_host: boolean;
  readonly sent_at_ms: number;
  readonly author_id: string;
  readonly offset: number;
}

export interface ChatPosted {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly messages: readonly PostedMessage[];
}

export interface ViewersCounted {
  readonly live_session_id: string;
  readonly viewers: number;
}

export interface ReactionsCounted {
  readonly live_session_id: string;
  readonly count: number;
}

export interface SalesCounted {
  readonly live_session_id: string;
  readonly sales: Sales;
}

export interface OrderUpdated {
  readonly live_session_id: string | null;
  readonly order: Order;
}

export interface SyncGap {
  readonly live_session_id: string;
}

/** Events to the server: what they carry and what their acknowledgement carries. */
export interface Inward {
  /** Enter a live session and take its snapshot; events follow from there. */
  "session.join": { payload: SessionJoin; ok: Snapshot };
  /** Stop hearing a live session. */
  "session.leave": { payload: InLiveSession; ok: Empty };
  /** Begin the broadcast of a scheduled live session. */
  "session.start": { payload: InLiveSession; ok: LiveSessionOk };
  /** Hold the broadcast; viewers see the last picture. */
  "session.pause": { payload: InLiveSession; ok: LiveSessionOk };
  /** Go on after a pause. */
  "session.resume": { payload: InLiveSession; ok: LiveSessionOk };
  /** End the broadcast for good. */
  "session.end": { payload: InLiveSession; ok: LiveSessionOk };
  /** Say something; the same id is posted once. */
  "chat.send": { payload: ChatSend; ok: ChatSent };
  /** Take a message away from everybody. */
  "chat.delete": { payload: ChatDelete; ok: Empty };
  /** Send the taps of the last second as one number. */
  "reaction.send": { payload: ReactionSend; ok: Empty };
  /** Put a product on the video, in place of the one that is there. */
  "product.pin": { payload: ProductChoice; ok: Empty };
  /** Take the product off the video. */
  "product.unpin": { payload: ProductChoice; ok: Empty };
  /** A viewer opened a product; counted once per id. */
  "product.click": { payload: ProductClick; ok: Empty };
  /** Give a product another price for a while; the same id begins one deal. */
  "deal.start": { payload: DealStart; ok: DealOk };
  /** End a deal before its time. */
  "deal.stop": { payload: DealChoice; ok: Empty };
  /** Have pieces of a variant promised for a while; asking again goes on. */
  "hold.place": { payload: VariantWish; ok: HoldOk };
  /** Give back what is promised of a variant. */
  "hold.release": { payload: VariantChoice; ok: HoldReleased };
  /** Wait for pieces of a variant that is sold out; a place that one has is kept. */
  "waitlist.join": { payload: VariantWish; ok: WaitlistOk };
  /** Wait no more. */
  "waitlist.leave": { payload: VariantChoice; ok: Empty };
  /** The bag as it stands now, and what has changed in it. */
  "cart.get": { payload: Empty; ok: CartOk };
  /** Put pieces of a variant into the bag; the same id adds once. */
  "cart.add": { payload: CartAdd; ok: CartOk };
  /** Say how many pieces of a variant the bag holds; 0 takes the line away. */
  "cart.update": { payload: CartUpdate; ok: CartOk };
  /** Take variants out of the bag. */
  "cart.remove": { payload: CartRemove; ok: CartOk };
  /** Put the bag of before the log-in on top; the same id merges once. */
  "cart.merge": { payload: CartMerge; ok: CartOk };
  /** What a coupon takes off these lines. */
  "coupon.check": { payload: CouponCheck; ok: CouponOk };
  /** Buy. Prices and stock are decided by the server; the same id gives the same order. */
  "order.place": { payload: OrderPlace; ok: OrderPlaced };
  /** Read an order of one's own. */
  "order.get": { payload: OrderGet; ok: OrderOk };
  /** Offer the broadcast's audio and video. */
  "webrtc.publish": { payload: WebrtcPublish; ok: PublishOk };
  /** Ask for an offer to watch; answer it with webrtc.answer. */
  "webrtc.watch": { payload: InLiveSession; ok: WatchOk };
  /** Answer the offer of webrtc.watch. */
  "webrtc.answer": { payload: WebrtcAnswer; ok: Empty };
  /** Ask for a new offer on the same peer after the network changed. */
  "webrtc.restart": { payload: PeerChoice; ok: RestartOk };
  /** Hang up a peer. */
  "webrtc.close": { payload: PeerChoice; ok: Empty };
  /** Change the identity of this connection, e.g. after signing up; rooms are kept. */
  "auth.renew": { payload: AuthRenew; ok: RenewOk };
}

/** Events from the server. */
export interface Outward {
  /** The broadcast began. Heard by everyone who joined the live session. */
  "session.started": SessionChanged;
  /** The broadcast is held. Heard by everyone who joined the live session. */
  "session.paused": SessionChanged;
  /** The broadcast goes on. Heard by everyone who joined the live session. */
  "session.resumed": SessionChanged;
  /** The broadcast is over. Heard by everyone who joined the live session. */
  "session.ended": SessionChanged;
  /** Audio and video came, went, or moved to another source. Heard by everyone who joined the live session. */
  "media.changed": MediaChanged;
  /** A product is on the video. Heard by everyone who joined the live session. */
  "product.pinned": ProductPinned;
  /** The product is off the video. Heard by everyone who joined the live session. */
  "product.unpinned": ProductPinned;
  /** A variant's stock is now this. Heard by everyone who joined the live session. */
  "stock.changed": StockChanged;
  /** A product's or variant's price is now this. Heard by everyone who joined the live session. */
  "price.changed": PriceChanged;
  /** A deal begins, now or soon. Heard by everyone who joined the live session. */
  "deal.started": DealStarted;
  /** So many of a deal are sold. Heard by everyone who joined the live session. */
  "deal.counted": DealCounted;
  /** A deal is over, and why. Heard by everyone who joined the live session. */
  "deal.ended": DealEnded;
  /** What is promised to you changed, or your turn on the waitlist has come. Heard by the customer whose hold it is. */
  "hold.changed": HoldChanged;
  /** A message is gone. Heard by everyone who joined the live session. */
  "chat.deleted": ChatDeleted;
  /** Messages were said. Heard by everyone who joined the live session. */
  "chat.posted": ChatPosted;
  /** So many are here. Heard by everyone who joined the live session. */
  "viewers.counted": ViewersCounted;
  /** So many reactions came since the last such event. Heard by everyone who joined the live session. */
  "reactions.counted": ReactionsCounted;
  /** Joins, clicks, orders and revenue up to now. Heard by the influencer of the live session. */
  "sales.counted": SalesCounted;
  /** An order changed. Heard by the customer who placed the order. */
  "order.updated": OrderUpdated;
  /** Something was skipped: join again and take the fresh snapshot. Heard by one connection that lagged, or all after a loss of the bus. */
  "sync.gap": SyncGap;
}

export const OUTWARD_NAMES = [
  "session.started",
  "session.paused",
  "session.resumed",
  "session.ended",
  "media.changed",
  "product.pinned",
  "product.unpinned",
  "stock.changed",
  "price.changed",
  "deal.started",
  "deal.counted",
  "deal.ended",
  "hold.changed",
  "chat.deleted",
  "chat.posted",
  "viewers.counted",
  "reactions.counted",
  "sales.counted",
  "order.updated",
  "sync.gap",
] as const satisfies readonly (keyof Outward)[];

export type RefusalCode =
  | "auth.forbidden"
  | "auth.invalid"
  | "auth.required"
  | "cart.full"
  | "cart.not_customer"
  | "cart.product_unavailable"
  | "cart.quantity_invalid"
  | "chat.empty"
  | "chat.too_long"
  | "deal.invalid"
  | "deal.key_reused"
  | "deal.not_found"
  | "deal.overlaps"
  | "deal.price_not_lower"
  | "deal.stock_short"
  | "deal.too_many"
  | "event.unknown"
  | "hold.first_paid"
  | "media.bad_sdp"
  | "media.elsewhere"
  | "media.full"
  | "media.no_codec"
  | "media.no_peer"
  | "media.no_source"
  | "order.address_invalid"
  | "order.busy"
  | "order.coupon_ended"
  | "order.coupon_min_spend"
  | "order.coupon_not_here"
  | "order.coupon_quota"
  | "order.coupon_unknown"
  | "order.coupon_used"
  | "order.deal_ended"
  | "order.gstin_invalid"
  | "order.key_reused"
  | "order.limit_reached"
  | "order.not_customer"
  | "order.not_found"
  | "order.price_changed"
  | "order.product_unavailable"
  | "order.quantity_invalid"
  | "order.sold_out"
  | "payload.invalid"
  | "payment.method_unavailable"
  | "product.not_in_session"
  | "rate.limited"
  | "service.unavailable"
  | "session.already_live"
  | "session.not_found"
  | "session.wrong_state"
  | "waitlist.available"
  | "waitlist.too_many";

/** Refusals that any event may meet. */
export type GeneralRefusalCode =
  | "auth.forbidden"
  | "auth.invalid"
  | "auth.required"
  | "event.unknown"
  | "payload.invalid"
  | "rate.limited"
  | "service.unavailable";

/** Refusals of each event, beside the general ones. */
export interface RefusalsOf {
  "session.join": "session.not_found";
  "session.leave": never;
  "session.start": "session.not_found" | "session.already_live" | "session.wrong_state";
  "session.pause": "session.not_found" | "session.wrong_state";
  "session.resume": "session.not_found" | "session.wrong_state";
  "session.end": "session.not_found" | "session.wrong_state";
  "chat.send": "session.not_found" | "session.wrong_state" | "chat.empty" | "chat.too_long";
  "chat.delete": "session.not_found";
  "reaction.send": "session.not_found";
  "product.pin": "session.not_found" | "session.wrong_state" | "product.not_in_session";
  "product.unpin": "session.not_found" | "product.not_in_session";
  "product.click": "session.not_found" | "product.not_in_session";
  "deal.start": "session.not_found" | "session.wrong_state" | "product.not_in_session" | "deal.invalid" | "deal.price_not_lower" | "deal.overlaps" | "deal.stock_short" | "deal.too_many" | "deal.key_reused";
  "deal.stop": "session.not_found" | "deal.not_found";
  "hold.place": "session.not_found" | "session.wrong_state" | "hold.first_paid" | "order.sold_out" | "order.product_unavailable" | "order.quantity_invalid" | "order.not_customer";
  "hold.release": "session.not_found";
  "waitlist.join": "session.not_found" | "waitlist.available" | "waitlist.too_many" | "order.product_unavailable" | "order.quantity_invalid" | "order.not_customer";
  "waitlist.leave": "session.not_found";
  "cart.get": "cart.not_customer";
  "cart.add": "cart.product_unavailable" | "cart.full" | "cart.quantity_invalid" | "cart.not_customer";
  "cart.update": "cart.product_unavailable" | "cart.full" | "cart.quantity_invalid" | "cart.not_customer";
  "cart.remove": "cart.not_customer";
  "cart.merge": "cart.not_customer";
  "coupon.check": "payment.method_unavailable" | "order.coupon_unknown" | "order.coupon_ended" | "order.coupon_used" | "order.coupon_quota" | "order.coupon_not_here" | "order.coupon_min_spend";
  "order.place": "session.not_found" | "order.sold_out" | "order.price_changed" | "order.product_unavailable" | "order.key_reused" | "order.address_invalid" | "order.gstin_invalid" | "order.quantity_invalid" | "order.not_customer" | "order.deal_ended" | "order.limit_reached" | "order.coupon_unknown" | "order.coupon_ended" | "order.coupon_used" | "order.coupon_quota" | "order.coupon_not_here" | "order.coupon_min_spend" | "order.busy";
  "order.get": "order.not_found";
  "webrtc.publish": "session.not_found" | "session.wrong_state" | "media.bad_sdp" | "media.no_codec" | "media.full" | "media.elsewhere";
  "webrtc.watch": "session.not_found" | "media.no_source" | "media.full";
  "webrtc.answer": "media.no_peer" | "media.bad_sdp";
  "webrtc.restart": "media.no_peer";
  "webrtc.close": never;
  "auth.renew": "auth.invalid";
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly retry_after_s?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Acknowledgement<Ok> = { readonly ok: Ok } | { readonly refused: Refusal };

export type InwardName = keyof Inward;
export type OutwardName = keyof Outward;
export type Payload<Name extends InwardName> = Inward[Name]["payload"];
export type Ok<Name extends InwardName> = Inward[Name]["ok"];
