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
  readonly products: readonly ProductSales[];
}

export interface Snapshot {
  readonly live_session: LiveSession;
  readonly position: Position;
  readonly media: Media;
  readonly pinned: string | null;
  readonly products: readonly Product[];
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

export interface ChatSent {
  readonly message: ChatMessage;
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

export interface OrderLine {
  readonly variant_id: string;
  readonly quantity: number;
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
  readonly live_session_id: string;
  readonly id: string;
  readonly items: readonly OrderLine[];
  readonly address: Address;
  readonly payment_method: "cod" | "test";
  readonly shown_total_minor: number;
}

export interface OrderItem {
  readonly product_id: string | null;
  readonly variant_id: string | null;
  readonly name: string;
  readonly label: string;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly total_minor: number;
}

export interface Order {
  readonly id: string;
  readonly order_number: string;
  readonly status: string;
  readonly payment_status: string;
  readonly payment_method: string;
  readonly subtotal_minor: number;
  readonly shipping_minor: number;
  readonly total_minor: number;
  readonly currency: string;
  readonly placed_at_ms: number;
  readonly address: Address;
  readonly items: readonly OrderItem[];
}

export interface OrderOk {
  readonly order: Order;
}

export interface OrderGet {
  readonly order_id: string;
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
  /** Buy. Prices and stock are decided by the server; the same id gives the same order. */
  "order.place": { payload: OrderPlace; ok: OrderOk };
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
  | "chat.empty"
  | "chat.too_long"
  | "event.unknown"
  | "media.bad_sdp"
  | "media.elsewhere"
  | "media.full"
  | "media.no_codec"
  | "media.no_peer"
  | "media.no_source"
  | "order.address_invalid"
  | "order.key_reused"
  | "order.not_customer"
  | "order.not_found"
  | "order.payment_declined"
  | "order.price_changed"
  | "order.product_unavailable"
  | "order.quantity_invalid"
  | "order.sold_out"
  | "payload.invalid"
  | "product.not_in_session"
  | "rate.limited"
  | "service.unavailable"
  | "session.already_live"
  | "session.not_found"
  | "session.wrong_state";

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
  "order.place": "session.not_found" | "order.sold_out" | "order.price_changed" | "order.product_unavailable" | "order.key_reused" | "order.address_invalid" | "order.quantity_invalid" | "order.payment_declined" | "order.not_customer";
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
