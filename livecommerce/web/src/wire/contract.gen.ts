// Generated from signaling/contract by `livecommerce contract --typescript`. Do not edit.

export interface SessionJoin {
  readonly live_session_id: string;
  readonly client_id?: string | null;
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

export interface Position {
  readonly epoch: string;
  readonly offset: number;
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

export interface ReplyTo {
  readonly message_id: string;
  readonly author_id: string;
  readonly name: string;
}

export interface ChatMessage {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly role: "customer" | "influencer" | "wholesaler" | "admin";
  readonly is_host: boolean;
  readonly sent_at_ms: number;
  readonly author_id: string;
  readonly reply_to?: ReplyTo | null;
  readonly mentions?: readonly string[];
  readonly marks?: readonly ("moderator" | "buyer" | "question" | "announcement" | "hidden")[];
}

export interface ChatSettings {
  readonly is_enabled: boolean;
  readonly slow_mode_s: number;
  readonly audience: "everyone" | "followers" | "buyers";
  readonly links: "allow" | "moderators" | "none";
  readonly filter: "off" | "hold" | "refuse";
}

export interface ChatStanding {
  readonly permissions: readonly ("moderate_chat" | "pin_products" | "see_orders")[];
  readonly muted_until_ms: number | null;
  readonly is_following: boolean | null;
}

export interface HeldMessage {
  readonly message: ChatMessage;
  readonly held_for: "words";
  readonly matched: string;
}

export interface ChatState {
  readonly settings: ChatSettings;
  readonly pinned: ChatMessage | null;
  readonly you: ChatStanding;
  readonly held: readonly HeldMessage[];
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

export interface Question {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly role: "customer" | "influencer" | "wholesaler" | "admin";
  readonly author_id: string;
  readonly upvotes: number;
  readonly status: "open" | "picked" | "answered" | "dismissed" | "pushed_out";
  readonly asked_at_ms: number;
  readonly revision: number;
}

export interface PollOption {
  readonly text: string;
  readonly votes: number;
}

export interface Poll {
  readonly id: string;
  readonly question: string;
  readonly options: readonly PollOption[];
  readonly voters: number;
  readonly opened_at_ms: number;
  readonly closes_at_ms: number | null;
  readonly closed_at_ms: number | null;
  readonly revision: number;
}

export interface Winner {
  readonly place: number;
  readonly entry_id: string;
  readonly name: string;
}

export interface Giveaway {
  readonly id: string;
  readonly prize: string;
  readonly winners_max: number;
  readonly needs: "nothing" | "follow" | "order";
  readonly seed_hash: string;
  readonly opened_at_ms: number;
  readonly closes_at_ms: number;
  readonly entries: number;
  readonly seed: string | null;
  readonly entries_hash: string | null;
  readonly drawn_at_ms: number | null;
  readonly winners: readonly Winner[];
}

export interface MyEngagement {
  readonly upvoted: readonly string[];
  readonly poll_option: number | null;
  readonly entry_id: string | null;
}

export interface Engagement {
  readonly questions: readonly Question[];
  readonly poll: Poll | null;
  readonly giveaway: Giveaway | null;
  readonly mine: MyEngagement;
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
  readonly chat_state: ChatState;
  readonly viewers: number;
  readonly you: You;
  readonly server_time_ms: number;
  readonly terms: Terms;
  readonly sales: Sales | null;
  readonly engagement: Engagement;
}

export interface SessionRecover {
  readonly live_session_id: string;
  readonly client_id?: string | null;
  readonly position: Position;
}

export interface PastEvent {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Recovered {
  readonly events: readonly PastEvent[];
  readonly position: Position;
  readonly is_complete: boolean;
  readonly snapshot: Snapshot | null;
  readonly viewers: number;
  readonly you: You;
  readonly holds: readonly Hold[];
  readonly sales: Sales | null;
  readonly standing: ChatStanding;
  readonly mine: MyEngagement;
  readonly server_time_ms: number;
}

export interface InLiveSession {
  readonly live_session_id: string;
}

export type Empty = Record<string, never>;

export interface LiveSessionOk {
  readonly live_session: LiveSession;
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

export interface AuthRenew {
  readonly token: string;
}

export interface RenewOk {
  readonly you: You;
}

export interface ChatSend {
  readonly live_session_id: string;
  readonly id: string;
  readonly text: string;
  readonly reply_to?: string | null;
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
  readonly is_held: boolean;
  readonly claim: ClaimAnswer | null;
}

export interface ChatDelete {
  readonly live_session_id: string;
  readonly message_id: string;
}

export interface MessageChoice {
  readonly live_session_id: string;
  readonly message_id: string;
}

export interface ChatAnnounce {
  readonly live_session_id: string;
  readonly id: string;
  readonly text: string;
  readonly is_pinned?: boolean;
}

export interface ChatReview {
  readonly live_session_id: string;
  readonly message_id: string;
  readonly is_approved: boolean;
}

export interface ChatConfigure {
  readonly live_session_id: string;
  readonly is_enabled?: boolean | null;
  readonly slow_mode_s?: number | null;
  readonly audience?: "everyone" | "followers" | "buyers" | null;
  readonly links?: "allow" | "moderators" | "none" | null;
  readonly filter?: "off" | "hold" | "refuse" | null;
}

export interface SettingsOk {
  readonly settings: ChatSettings;
}

export interface ChatMute {
  readonly live_session_id: string;
  readonly user_id: string;
  readonly duration_s: number;
  readonly reason?: string;
}

export interface Member {
  readonly user_id: string;
  readonly name: string;
  readonly muted_until_ms: number | null;
  readonly is_banned: boolean;
  readonly is_hidden: boolean;
  readonly everywhere: boolean;
}

export interface MemberOk {
  readonly member: Member;
}

export interface MemberChoice {
  readonly live_session_id: string;
  readonly user_id: string;
}

export interface ChatBan {
  readonly live_session_id: string;
  readonly user_id: string;
  readonly everywhere?: boolean;
  readonly reason?: string;
}

export interface FilterChange {
  readonly live_session_id: string;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export interface FilterOk {
  readonly terms: readonly string[];
}

export interface ModeratorAppoint {
  readonly live_session_id: string;
  readonly user_id: string;
  readonly permissions: readonly ("moderate_chat" | "pin_products" | "see_orders")[];
  readonly everywhere?: boolean;
}

export interface Moderator {
  readonly user_id: string;
  readonly name: string;
  readonly permissions: readonly ("moderate_chat" | "pin_products" | "see_orders")[];
  readonly everywhere: boolean;
}

export interface ModeratorOk {
  readonly moderator: Moderator;
}

export interface PeopleOk {
  readonly moderators: readonly Moderator[];
  readonly members: readonly Member[];
  readonly terms: readonly string[];
}

export interface ModerationAsk {
  readonly live_session_id: string;
  readonly before_id?: number | null;
}

export interface ModerationAct {
  readonly id: number;
  readonly act: "appoint" | "dismiss" | "mute" | "unmute" | "ban" | "unban" | "hide" | "unhide" | "delete" | "clear" | "pin" | "unpin" | "announce" | "configure" | "filter" | "approve" | "refuse";
  readonly by_id: string | null;
  readonly by_name: string;
  readonly about_id: string | null;
  readonly about_name: string;
  readonly message_id: string | null;
  readonly detail: string;
  readonly at_ms: number;
}

export interface ModerationOk {
  readonly acts: readonly ModerationAct[];
  readonly has_more: boolean;
}

export interface InfluencerChoice {
  readonly influencer_id: string;
}

export interface FollowOk {
  readonly is_following: boolean;
  readonly followers: number | null;
}

export interface ReactionSend {
  readonly live_session_id: string;
  readonly count: number;
  readonly kind?: "heart" | "fire" | "clap" | "laugh" | "wow" | "thumb";
}

export interface QuestionAsk {
  readonly live_session_id: string;
  readonly id: string;
  readonly text: string;
}

export interface QuestionOk {
  readonly question: Question;
}

export interface QuestionChoice {
  readonly live_session_id: string;
  readonly question_id: string;
}

export interface PollOpen {
  readonly live_session_id: string;
  readonly id: string;
  readonly question: string;
  readonly options: readonly string[];
  readonly duration_s?: number | null;
}

export interface PollOk {
  readonly poll: Poll;
}

export interface PollVote {
  readonly live_session_id: string;
  readonly poll_id: string;
  readonly option: number;
}

export interface PollVoteOk {
  readonly poll_id: string;
  readonly option: number;
}

export interface PollChoice {
  readonly live_session_id: string;
  readonly poll_id: string;
}

export interface GiveawayOpen {
  readonly live_session_id: string;
  readonly id: string;
  readonly prize: string;
  readonly winners_max?: number;
  readonly needs?: "nothing" | "follow" | "order";
  readonly duration_s: number;
}

export interface GiveawayOk {
  readonly giveaway: Giveaway;
}

export interface GiveawayEnter {
  readonly live_session_id: string;
  readonly giveaway_id: string;
  readonly id: string;
}

export interface GiveawayEnterOk {
  readonly giveaway_id: string;
  readonly entry_id: string;
}

export interface GiveawayChoice {
  readonly live_session_id: string;
  readonly giveaway_id: string;
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

export interface ViewersCounted {
  readonly live_session_id: string;
  readonly viewers: number;
}

export interface SalesCounted {
  readonly live_session_id: string;
  readonly sales: Sales;
}

export interface SyncMoved {
  readonly live_session_id: string;
  readonly position: Position;
  readonly is_degraded: boolean;
}

export interface SyncGap {
  readonly live_session_id: string;
  readonly position?: Position | null;
}

export interface PostedMessage {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly role: "customer" | "influencer" | "wholesaler" | "admin";
  readonly is_host: boolean;
  readonly sent_at_ms: number;
  readonly author_id: string;
  readonly reply_to?: ReplyTo | null;
  readonly mentions?: readonly string[];
  readonly marks?: readonly ("moderator" | "buyer" | "question" | "announcement" | "hidden")[];
  readonly offset: number;
}

export interface ChatPosted {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly messages: readonly PostedMessage[];
  readonly left_out?: number;
}

export interface ChatDeleted {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly message_id: string;
}

export interface ChatPurged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly user_id: string;
  readonly until_ms: number;
}

export interface ChatCleared {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly until_ms: number;
}

export interface ChatAnnounced {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly message: ChatMessage;
}

export interface ChatPinned {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly message: ChatMessage;
}

export interface ChatUnpinned {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
}

export interface ChatConfigured {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly settings: ChatSettings;
}

export interface ChatHeld {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly held: HeldMessage;
}

export interface ChatReviewed {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly message_id: string;
  readonly is_approved: boolean;
}

export interface ChatDecided {
  readonly live_session_id: string;
  readonly message_id: string;
  readonly is_approved: boolean;
}

export interface MemberChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly member: Member;
}

export interface FilterChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly terms: readonly string[];
}

export interface ModeratorChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly moderator: Moderator;
}

export interface StandingChanged {
  readonly live_session_id: string;
  readonly you: ChatStanding;
}

export interface PersonBanned {
  readonly live_session_id: string;
}

export interface FollowChanged {
  readonly influencer_id: string;
  readonly is_following: boolean;
}

export interface ReactionsCounted {
  readonly live_session_id: string;
  readonly count: number;
  readonly kinds: Readonly<Record<"heart" | "fire" | "clap" | "laugh" | "wow" | "thumb", number>>;
}

export interface JoinsCounted {
  readonly live_session_id: string;
  readonly count: number;
}

export interface QuestionsChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly questions: readonly Question[];
}

export interface PollChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly poll: Poll;
}

export interface GiveawayChanged {
  readonly live_session_id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly giveaway: Giveaway;
}

export interface GiveawayWon {
  readonly live_session_id: string;
  readonly giveaway_id: string;
  readonly entry_id: string;
  readonly prize: string;
  readonly place: number;
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

export interface OrderUpdated {
  readonly live_session_id: string | null;
  readonly order: Order;
}

export interface MessageRefused {
  readonly code: string;
  readonly message: string;
  readonly left: number;
}

/** Events to the server: what they carry and what their acknowledgement carries. */
export interface Inward {
  /** Enter a live session and take its snapshot; events follow from there. */
  "session.join": { payload: SessionJoin; ok: Snapshot };
  /** Come back after a loss: hear all that was missed, or take a snapshot. */
  "session.recover": { payload: SessionRecover; ok: Recovered };
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
  /** Put a product on the video, in place of the one that is there. For who may pin products. */
  "product.pin": { payload: ProductChoice; ok: Empty };
  /** Take the product off the video. For who may pin products. */
  "product.unpin": { payload: ProductChoice; ok: Empty };
  /** A viewer opened a product; counted once per id. */
  "product.click": { payload: ProductClick; ok: Empty };
  /** Change the identity of this connection, e.g. after signing up; rooms are kept. */
  "auth.renew": { payload: AuthRenew; ok: RenewOk };
  /** Say something; the same id is posted once. */
  "chat.send": { payload: ChatSend; ok: ChatSent };
  /** Take a message away from everybody. For who may moderate the chat. */
  "chat.delete": { payload: ChatDelete; ok: Empty };
  /** Take everything away that was written. For who may moderate the chat. */
  "chat.clear": { payload: InLiveSession; ok: Empty };
  /** Keep a message on top, in place of the one that is there. For who may moderate the chat. */
  "chat.pin": { payload: MessageChoice; ok: Empty };
  /** Keep no message on top any more. For who may moderate the chat. */
  "chat.unpin": { payload: InLiveSession; ok: Empty };
  /** Say something that stands out, at once. For who may moderate the chat. */
  "chat.announce": { payload: ChatAnnounce; ok: ChatSent };
  /** Post a message that was held, or never show it. For who may moderate the chat. */
  "chat.review": { payload: ChatReview; ok: Empty };
  /** Who may write, how often, and what. For who may moderate the chat. */
  "chat.configure": { payload: ChatConfigure; ok: SettingsOk };
  /** Let a person read only, for a while. For who may moderate the chat. */
  "chat.mute": { payload: ChatMute; ok: MemberOk };
  /** Let a person write again. For who may moderate the chat. */
  "chat.unmute": { payload: MemberChoice; ok: MemberOk };
  /** Put a person out, and take away what they wrote. For who may moderate the chat; everywhere, for the influencer and moderators of all her live sessions. */
  "chat.ban": { payload: ChatBan; ok: MemberOk };
  /** Let a person in again. For who may ban so. */
  "chat.unban": { payload: MemberChoice; ok: MemberOk };
  /** Show what a person writes to themselves and to moderators only; the person is not told. For who may ban so. */
  "chat.hide": { payload: ChatBan; ok: MemberOk };
  /** Show again what a person writes. For who may ban so. */
  "chat.unhide": { payload: MemberChoice; ok: MemberOk };
  /** Add and remove words that are not wanted in the influencer's live sessions. For who may moderate the chat. */
  "filter.change": { payload: FilterChange; ok: FilterOk };
  /** Give a person rights in a live session, or in all of them. */
  "moderator.appoint": { payload: ModeratorAppoint; ok: ModeratorOk };
  /** Take a person's rights back, those for all live sessions included. */
  "moderator.dismiss": { payload: MemberChoice; ok: Empty };
  /** Who moderates, who is muted, banned or hidden. For who may moderate the chat. */
  "people.list": { payload: InLiveSession; ok: PeopleOk };
  /** Who did what to whom. For who may moderate the chat. */
  "moderation.list": { payload: ModerationAsk; ok: ModerationOk };
  /** Be told of an influencer's live sessions. */
  "influencer.follow": { payload: InfluencerChoice; ok: FollowOk };
  /** Be told no more. */
  "influencer.unfollow": { payload: InfluencerChoice; ok: FollowOk };
  /** Send the taps of the last second of one kind as one number. */
  "reaction.send": { payload: ReactionSend; ok: Empty };
  /** Put a question into the queue; the same id is asked once. */
  "question.ask": { payload: QuestionAsk; ok: QuestionOk };
  /** Want to know it, too; once per person and question. */
  "question.upvote": { payload: QuestionChoice; ok: QuestionOk };
  /** Show that this one is being answered; the one before counts as answered. For the influencer and moderators. */
  "question.pick": { payload: QuestionChoice; ok: QuestionOk };
  /** It is answered. For the influencer and moderators. */
  "question.answer": { payload: QuestionChoice; ok: QuestionOk };
  /** Take a question out of the queue. For the influencer and moderators. */
  "question.dismiss": { payload: QuestionChoice; ok: QuestionOk };
  /** Ask everybody; one poll at a time. For the influencer and moderators. */
  "poll.open": { payload: PollOpen; ok: PollOk };
  /** Take part; a later vote replaces the earlier one until the poll is closed. */
  "poll.vote": { payload: PollVote; ok: PollVoteOk };
  /** Take no more votes. For the influencer and moderators. */
  "poll.close": { payload: PollChoice; ok: PollOk };
  /** Have customers enter for a prize; one giveaway at a time. For the influencer. */
  "giveaway.open": { payload: GiveawayOpen; ok: GiveawayOk };
  /** Take part; once per customer, who must be in the live session. */
  "giveaway.enter": { payload: GiveawayEnter; ok: GiveawayEnterOk };
  /** Close the entries and draw the winners; again gives the same draw. For the influencer. */
  "giveaway.draw": { payload: GiveawayChoice; ok: GiveawayOk };
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
  /** So many are here. Heard by everyone who joined the live session. */
  "viewers.counted": ViewersCounted;
  /** Joins, clicks, orders and revenue up to now. Heard by the influencer of the live session. */
  "sales.counted": SalesCounted;
  /** The place on the bus is another one from here on; nothing was missed. Heard by everyone who joined the live session. */
  "sync.moved": SyncMoved;
  /** Something was skipped: recover it, or join again. Heard by one connection that lagged, or all after a loss of the bus. */
  "sync.gap": SyncGap;
  /** Messages were said. Heard by everyone who joined the live session. */
  "chat.posted": ChatPosted;
  /** A message is gone. Heard by everyone who joined the live session. */
  "chat.deleted": ChatDeleted;
  /** All messages of a person are gone. Heard by everyone who joined the live session. */
  "chat.purged": ChatPurged;
  /** All messages are gone. Heard by everyone who joined the live session. */
  "chat.cleared": ChatCleared;
  /** Something that stands out. Heard by everyone who joined the live session. */
  "chat.announced": ChatAnnounced;
  /** A message stays on top. Heard by everyone who joined the live session. */
  "chat.pinned": ChatPinned;
  /** No message stays on top. Heard by everyone who joined the live session. */
  "chat.unpinned": ChatUnpinned;
  /** The rules of the chat changed. Heard by everyone who joined the live session. */
  "chat.configured": ChatConfigured;
  /** A message waits for review. Heard by the influencer and those who may moderate the chat. */
  "chat.held": ChatHeld;
  /** A message waits for review no more. Heard by the influencer and those who may moderate the chat. */
  "chat.reviewed": ChatReviewed;
  /** What became of a message of yours that was held. Heard by the person who wrote it. */
  "chat.decided": ChatDecided;
  /** Somebody was muted, banned or hidden, or is so no more. Heard by the influencer and those who may moderate the chat. */
  "member.changed": MemberChanged;
  /** The words that are not wanted changed. Heard by the influencer and those who may moderate the chat. */
  "filter.changed": FilterChanged;
  /** Somebody was given rights, or they were taken back. Heard by the influencer and those who may moderate the chat. */
  "moderator.changed": ModeratorChanged;
  /** What you may do in this chat changed. Heard by the person whom it is about. */
  "standing.changed": StandingChanged;
  /** You were put out of a live session. Heard by the person who was put out. */
  "person.banned": PersonBanned;
  /** You follow an influencer, or no more. Heard by the person who follows, on all connections. */
  "follow.changed": FollowChanged;
  /** So many reactions came since the last such event. Heard by everyone who joined the live session. */
  "reactions.counted": ReactionsCounted;
  /** So many people came in the last seconds. Heard by everyone who joined the live session. */
  "joins.counted": JoinsCounted;
  /** Questions were asked, upvoted, picked, answered or dismissed. Heard by everyone who joined the live session. */
  "questions.changed": QuestionsChanged;
  /** A poll begins. Heard by everyone who joined the live session. */
  "poll.opened": PollChanged;
  /** The votes of the poll up to now. Heard by everyone who joined the live session. */
  "poll.counted": PollChanged;
  /** The result of the poll. Heard by everyone who joined the live session. */
  "poll.closed": PollChanged;
  /** A giveaway begins. Heard by everyone who joined the live session. */
  "giveaway.opened": GiveawayChanged;
  /** So many take part in the giveaway. Heard by everyone who joined the live session. */
  "giveaway.counted": GiveawayChanged;
  /** The winners of the giveaway, and what it takes to check the draw. Heard by everyone who joined the live session. */
  "giveaway.drawn": GiveawayChanged;
  /** You have won. Heard by the customer who won. */
  "giveaway.won": GiveawayWon;
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
  /** An order changed. Heard by the customer who placed the order. */
  "order.updated": OrderUpdated;
  /** The sign-in ran out: anonymous until auth.renew, and out of what only a signed-in person hears. Heard by the connection. */
  "auth.expired": Empty;
  /** A message that asked for no acknowledgement could not be understood. Heard by the connection that sent it. */
  "message.refused": MessageRefused;
}

export const OUTWARD_NAMES = [
  "session.started",
  "session.paused",
  "session.resumed",
  "session.ended",
  "media.changed",
  "product.pinned",
  "product.unpinned",
  "viewers.counted",
  "sales.counted",
  "sync.moved",
  "sync.gap",
  "chat.posted",
  "chat.deleted",
  "chat.purged",
  "chat.cleared",
  "chat.announced",
  "chat.pinned",
  "chat.unpinned",
  "chat.configured",
  "chat.held",
  "chat.reviewed",
  "chat.decided",
  "member.changed",
  "filter.changed",
  "moderator.changed",
  "standing.changed",
  "person.banned",
  "follow.changed",
  "reactions.counted",
  "joins.counted",
  "questions.changed",
  "poll.opened",
  "poll.counted",
  "poll.closed",
  "giveaway.opened",
  "giveaway.counted",
  "giveaway.drawn",
  "giveaway.won",
  "stock.changed",
  "price.changed",
  "deal.started",
  "deal.counted",
  "deal.ended",
  "hold.changed",
  "order.updated",
  "auth.expired",
  "message.refused",
] as const satisfies readonly (keyof Outward)[];

export type RefusalCode =
  | "auth.forbidden"
  | "auth.invalid"
  | "auth.required"
  | "cart.full"
  | "cart.not_customer"
  | "cart.product_unavailable"
  | "cart.quantity_invalid"
  | "chat.already_reviewed"
  | "chat.buyers_only"
  | "chat.empty"
  | "chat.followers_only"
  | "chat.links"
  | "chat.muted"
  | "chat.name"
  | "chat.not_found"
  | "chat.off"
  | "chat.review_full"
  | "chat.slow_mode"
  | "chat.too_long"
  | "chat.words"
  | "deal.invalid"
  | "deal.key_reused"
  | "deal.not_found"
  | "deal.overlaps"
  | "deal.price_not_lower"
  | "deal.stock_short"
  | "deal.too_many"
  | "event.unknown"
  | "filter.invalid"
  | "filter.too_many"
  | "giveaway.closed"
  | "giveaway.invalid"
  | "giveaway.key_reused"
  | "giveaway.not_eligible"
  | "giveaway.not_found"
  | "giveaway.running"
  | "hold.first_paid"
  | "influencer.not_found"
  | "influencer.self"
  | "media.bad_sdp"
  | "media.elsewhere"
  | "media.full"
  | "media.no_codec"
  | "media.no_peer"
  | "media.no_source"
  | "member.banned"
  | "member.not_found"
  | "member.protected"
  | "member.too_many"
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
  | "poll.closed"
  | "poll.invalid"
  | "poll.key_reused"
  | "poll.not_found"
  | "poll.running"
  | "product.not_in_session"
  | "question.already_upvoted"
  | "question.closed"
  | "question.empty"
  | "question.key_reused"
  | "question.not_found"
  | "question.too_long"
  | "question.too_many"
  | "rate.limited"
  | "service.unavailable"
  | "session.already_live"
  | "session.banned"
  | "session.not_found"
  | "session.not_joined"
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
  | "service.unavailable"
  | "session.banned";

/** Refusals of each event, beside the general ones. */
export interface RefusalsOf {
  "session.join": "session.not_found";
  "session.recover": "session.not_found";
  "session.leave": never;
  "session.start": "session.not_found" | "session.already_live" | "session.wrong_state";
  "session.pause": "session.not_found" | "session.wrong_state";
  "session.resume": "session.not_found" | "session.wrong_state";
  "session.end": "session.not_found" | "session.wrong_state";
  "product.pin": "session.not_found" | "session.wrong_state" | "product.not_in_session";
  "product.unpin": "session.not_found" | "product.not_in_session";
  "product.click": "session.not_found" | "product.not_in_session";
  "auth.renew": "auth.invalid";
  "chat.send": "session.not_found" | "session.wrong_state" | "chat.empty" | "chat.too_long" | "chat.off" | "chat.muted" | "chat.slow_mode" | "chat.followers_only" | "chat.buyers_only" | "chat.links" | "chat.words" | "chat.name" | "chat.review_full";
  "chat.delete": "session.not_found";
  "chat.clear": "session.not_found";
  "chat.pin": "session.not_found" | "session.wrong_state" | "chat.not_found";
  "chat.unpin": "session.not_found";
  "chat.announce": "session.not_found" | "session.wrong_state" | "chat.empty" | "chat.too_long" | "chat.links";
  "chat.review": "session.not_found" | "chat.not_found" | "chat.already_reviewed";
  "chat.configure": "session.not_found";
  "chat.mute": "session.not_found" | "member.not_found" | "member.protected" | "member.too_many";
  "chat.unmute": "session.not_found" | "member.not_found";
  "chat.ban": "session.not_found" | "member.not_found" | "member.protected" | "member.too_many";
  "chat.unban": "session.not_found" | "member.not_found";
  "chat.hide": "session.not_found" | "member.not_found" | "member.protected" | "member.too_many";
  "chat.unhide": "session.not_found" | "member.not_found";
  "filter.change": "session.not_found" | "filter.too_many" | "filter.invalid";
  "moderator.appoint": "session.not_found" | "member.not_found" | "member.banned" | "member.too_many";
  "moderator.dismiss": "session.not_found" | "member.not_found";
  "people.list": "session.not_found";
  "moderation.list": "session.not_found";
  "influencer.follow": "influencer.not_found" | "influencer.self";
  "influencer.unfollow": "influencer.not_found";
  "reaction.send": "session.not_found";
  "question.ask": "session.not_found" | "session.not_joined" | "session.wrong_state" | "question.empty" | "question.too_long" | "question.too_many" | "question.key_reused" | "chat.muted" | "chat.links" | "chat.words" | "chat.name";
  "question.upvote": "session.not_found" | "session.not_joined" | "question.not_found" | "question.closed" | "question.already_upvoted";
  "question.pick": "session.not_found" | "question.not_found" | "question.closed";
  "question.answer": "session.not_found" | "question.not_found" | "question.closed";
  "question.dismiss": "session.not_found" | "question.not_found" | "question.closed";
  "poll.open": "session.not_found" | "session.wrong_state" | "poll.invalid" | "poll.running" | "poll.key_reused" | "chat.links";
  "poll.vote": "session.not_found" | "session.not_joined" | "poll.not_found" | "poll.closed" | "poll.invalid";
  "poll.close": "session.not_found" | "poll.not_found";
  "giveaway.open": "session.not_found" | "session.wrong_state" | "giveaway.invalid" | "giveaway.running" | "giveaway.key_reused" | "chat.links";
  "giveaway.enter": "session.not_found" | "giveaway.not_found" | "giveaway.closed" | "session.not_joined" | "giveaway.not_eligible" | "giveaway.key_reused" | "chat.name";
  "giveaway.draw": "session.not_found" | "giveaway.not_found";
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
