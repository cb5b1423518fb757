/**
 * What is known of one live session: `reduce(state, event) -> state`, no I/O.
 *
 * A snapshot replaces. Recoverable events carry (epoch, offset): those at or before the state's position are
 * ignored, another epoch asks for a fresh snapshot (`stale`). Counted values (viewers, sales) simply replace.
 * Our own chat lines are added at once as pending and become sent, or refused, by the answer to chat.send.
 */
import type {
  ChatMessage, ClaimAnswer, Deal, Hold, LiveSession, Media, Order, Outward, Position, PostedMessage, Product, Sales, Snapshot, Terms, You,
} from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";
import { dealOf, heldOf, shownProducts, type SellingFacts } from "./selling.ts";

export interface ChatLine extends ChatMessage {
  state: "sent" | "pending" | "refused";
  refusal?: Refusal;
}

/** What the shop says of one variant that somebody wanted to order; without a price it is not for sale. */
export interface QuotedLine {
  product_id: string | null;
  variant_id: string;
  unit_price_minor: number | null;
  stock: number;
}

export interface LiveState extends SellingFacts {
  /** "joining" until the first snapshot; "missing" when there is no such live session. */
  phase: "joining" | "ready" | "missing";
  live: LiveSession | null;
  position: Position | null;
  media: Media;
  /** Id of the product on the video. */
  pinned: string | null;
  /** As this person can buy them: with deals and what is held for them. */
  products: readonly Product[];
  /** Beside deals, without what is promised to anybody. */
  plain: readonly Product[];
  /** The newest hold.changed of each variant that was heard. */
  holdVersions: Readonly<Record<string, number>>;
  /** Answers to own messages that asked for a product, by message. */
  claims: Readonly<Record<string, ClaimAnswer>>;
  selling: Pick<Terms, "cod_fee_minor" | "hold_policy" | "hold_ttl_s" | "claim_keyword" | "cod_fee_minor">;
  chat: readonly ChatLine[];
  viewers: number;
  /** Reactions of everybody seen so far, and how many the last event added. */
  reactions: { total: number; last: number };
  you: You;
  chatMaxChars: number;
  /** What one order pays for delivery. */
  shipping_minor: number;
  sales: Sales | null;
  /** True when something was missed: the shell joins again. */
  stale: boolean;
  /** One's own orders as the server told of them last. */
  orders: Readonly<Record<string, Order>>;
}

type WireEvent = { [E in keyof Outward]: { name: E; payload: Outward[E] } }[keyof Outward];

export type LiveEvent =
  | WireEvent
  | { name: "snapshot"; payload: Snapshot }
  | { name: "missing" }
  | { name: "identity"; you: You }
  /** The answer to our own session.start, pause, resume or end, which may come before the event. */
  | { name: "told"; live: LiveSession }
  /** Prices and stock as a refused order names them. */
  | { name: "quoted"; lines: readonly QuotedLine[] }
  | { name: "line.pending"; line: ChatMessage }
  | { name: "line.sent"; id: string; message: ChatMessage; claim?: ClaimAnswer | null }
  /** The answer to our own hold.place, hold.release or waitlist.join, which may come before the event. */
  | { name: "held"; hold: Hold }
  /** Server time: a deal may have begun, a hold run out. */
  | { name: "clock"; at_ms: number }
  | { name: "line.refused"; id: string; refusal: Refusal }
  | { name: "line.dropped"; id: string };

/** Chat lines kept in memory; the page draws fewer. */
export const chatKept = 500;

export const anonymous: You = { role: "anonymous", display_name: null, user_id: null, is_host: false };

export const initial: LiveState = {
  phase: "joining",
  live: null,
  position: null,
  media: { source: null, available: false },
  pinned: null,
  products: [],
  plain: [],
  deals: [],
  holds: {},
  holdVersions: {},
  passed: new Set(),
  at_ms: 0,
  claims: {},
  selling: { cod_fee_minor: 0, hold_policy: "hold", hold_ttl_s: 600, claim_keyword: "" },
  chat: [],
  viewers: 0,
  reactions: { total: 0, last: 0 },
  you: anonymous,
  chatMaxChars: 200,
  shipping_minor: 0,
  sales: null,
  stale: false,
  orders: {},
};

export function reduce(state: LiveState, event: LiveEvent): LiveState {
  switch (event.name) {
    case "snapshot":
      return fromSnapshot(state, event.payload);
    case "missing":
      return { ...state, phase: "missing" };
    case "identity":
      return { ...state, you: event.you };
    case "told":
      return { ...state, live: event.live };
    case "quoted":
      return event.lines.reduce(quoted, state);
    case "line.pending":
      return withChat(state, [...state.chat, { ...event.line, state: "pending" }]);
    case "line.sent":
      return claimed(withChat(state, settled(state.chat, event.id, event.message)), event.id, event.claim ?? null);
    case "held":
      return withHold(state, event.hold);
    case "clock":
      return shown({ ...state, at_ms: Math.max(state.at_ms, event.at_ms) });
    case "hold.changed":
      return heardHold(state, event.payload.hold, event.payload.version);
    case "line.refused":
      return withChat(state, state.chat.map((line) =>
        line.id === event.id && line.state === "pending" ? { ...line, state: "refused", refusal: event.refusal } : line));
    case "line.dropped":
      return withChat(state, state.chat.filter((line) => line.id !== event.id));
    case "viewers.counted":
      return { ...state, viewers: event.payload.viewers };
    case "reactions.counted":
      return { ...state, reactions: { total: state.reactions.total + event.payload.count, last: event.payload.count } };
    case "sales.counted":
      return { ...state, sales: event.payload.sales };
    case "sync.gap":
      return { ...state, stale: true };
    case "order.updated":
      return { ...state, orders: { ...state.orders, [event.payload.order.id]: event.payload.order } };
    default:
      return recovered(state, event);
  }
}

type RecoverableEvent = Extract<WireEvent, { payload: { epoch: string } }>;

function recovered(state: LiveState, event: RecoverableEvent): LiveState {
  const { epoch, offset } = event.payload;
  if (state.position === null) return state;
  if (epoch !== state.position.epoch) return { ...state, stale: true };
  if (offset <= state.position.offset) return state;
  return { ...applied(state, event), position: { epoch, offset } };
}

function applied(state: LiveState, event: RecoverableEvent): LiveState {
  switch (event.name) {
    case "session.started":
    case "session.paused":
    case "session.resumed":
    case "session.ended":
      return { ...state, live: event.payload.live_session };
    case "media.changed":
      return { ...state, media: { source: event.payload.source, available: event.payload.available } };
    case "product.pinned":
      return { ...state, pinned: event.payload.product_id };
    case "product.unpinned":
      return state.pinned === event.payload.product_id ? { ...state, pinned: null } : state;
    case "stock.changed":
      return withProduct(state, event.payload.product_id, (product) => withStock(product, event.payload.variant_id, event.payload.stock));
    case "price.changed":
      return withProduct(state, event.payload.product_id, (product) => ({
        ...withPrice(product, event.payload.variant_id, event.payload.price_minor), compare_at_minor: event.payload.compare_at_minor,
      }));
    case "deal.started":
      return withDeals(state, [...state.deals.filter((deal) => deal.id !== event.payload.deal.id), event.payload.deal]);
    case "deal.counted":
      return withDeals(state, state.deals.map((deal) => (deal.id === event.payload.deal_id ? { ...deal, sold: event.payload.sold } : deal)));
    case "deal.ended":
      return withDeals(state, state.deals.filter((deal) => deal.id !== event.payload.deal_id));
    case "chat.posted":
      return withChat(state, event.payload.messages.reduce((chat, message) => posted(chat, message), state.chat));
    case "chat.deleted":
      return withChat(state, state.chat.filter((line) => line.id !== event.payload.message_id));
    default:
      return state;
  }
}

function fromSnapshot(state: LiveState, snapshot: Snapshot): LiveState {
  const known = new Set(snapshot.chat.map((message) => message.id));
  const own = state.chat.filter((line) => line.state !== "sent" && !known.has(line.id));
  return shown({
    ...state,
    phase: "ready",
    live: snapshot.live_session,
    position: snapshot.position,
    media: snapshot.media,
    pinned: snapshot.pinned,
    plain: [...snapshot.products].sort((a, b) => a.display_order - b.display_order),
    deals: snapshot.deals,
    holds: Object.fromEntries(snapshot.holds.map((hold) => [hold.variant_id, hold])),
    passed: new Set(),
    at_ms: Math.max(state.at_ms, snapshot.server_time_ms),
    selling: snapshot.terms,
    chat: [...merged(state.chat, snapshot.chat), ...own],
    viewers: snapshot.viewers,
    you: snapshot.you,
    chatMaxChars: snapshot.terms.chat_max_chars,
    shipping_minor: snapshot.terms.shipping_minor,
    sales: snapshot.sales,
    stale: false,
  });
}

/** Older lines that the snapshot's history no longer holds stay; a line inside its span that it lacks was deleted. */
function merged(kept: readonly ChatLine[], history: readonly ChatMessage[]): ChatLine[] {
  const from_ms = history[0]?.sent_at_ms ?? Infinity;
  const older = kept.filter((line) => line.state === "sent" && line.sent_at_ms < from_ms);
  return [...older, ...history.map((message) => ({ ...message, state: "sent" as const }))].slice(-chatKept);
}

function withChat(state: LiveState, chat: readonly ChatLine[]): LiveState {
  return { ...state, chat: chat.length > chatKept ? chat.slice(-chatKept) : chat };
}

function posted(chat: readonly ChatLine[], { offset: _, ...message }: PostedMessage): readonly ChatLine[] {
  const line: ChatLine = { ...message, state: "sent" };
  const at = chat.findIndex((other) => other.id === message.id);
  return at < 0 ? [...chat, line] : chat.with(at, line);
}

/** The answer may come before or after the line itself; both lead to one sent line. */
function settled(chat: readonly ChatLine[], id: string, message: ChatMessage): readonly ChatLine[] {
  if (!chat.some((line) => line.id === id)) return chat;
  return chat.map((line) => (line.id === id ? { ...message, state: "sent" as const } : line));
}

function withProduct(state: LiveState, id: string, change: (product: Product) => Product): LiveState {
  return shown({ ...state, plain: state.plain.map((product) => (product.id === id ? change(product) : product)) });
}

function shown(state: LiveState): LiveState {
  return { ...state, products: shownProducts(state.plain, state) };
}

function withDeals(state: LiveState, deals: readonly Deal[]): LiveState {
  return shown({ ...state, deals });
}

function withHold(state: LiveState, hold: Hold): LiveState {
  return shown({ ...state, holds: { ...state.holds, [hold.variant_id]: hold } });
}

function heardHold(state: LiveState, hold: Hold, version: number): LiveState {
  if ((state.holdVersions[hold.variant_id] ?? 0) >= version) return state;
  return withHold({ ...state, holdVersions: { ...state.holdVersions, [hold.variant_id]: version } }, hold);
}

function claimed(state: LiveState, id: string, claim: ClaimAnswer | null): LiveState {
  if (claim === null) return state;
  const answered = { ...state, claims: { ...state.claims, [id]: claim } };
  return claim.hold === null ? answered : withHold(answered, claim.hold);
}

/** The shop's word on a line. Its stock counts in what is held for us; its price, whether a deal is ours. */
function quoted(state: LiveState, { product_id, variant_id, unit_price_minor, stock }: QuotedLine): LiveState {
  const variant = state.plain.find((product) => product.id === product_id)?.variants.find((one) => one.id === variant_id);
  if (product_id === null || variant === undefined) return state;
  // A deal that was closed to this person may be open again, when pieces of it came back.
  const deal = dealOf(product_id, variant, { ...state, passed: new Set() });
  const isDealPrice = deal !== null && deal.price_minor === unit_price_minor;
  const passed = new Set(state.passed);
  if (isDealPrice) passed.delete(deal.id);
  else if (deal !== null && unit_price_minor !== null) passed.add(deal.id);
  return withProduct({ ...state, passed }, product_id, (product) => {
    const stocked = withStock(product, variant_id, Math.max(0, stock - (heldOf(variant_id, state)?.quantity ?? 0)));
    return unit_price_minor === null || isDealPrice ? stocked : withPrice(stocked, variant_id, unit_price_minor);
  });
}

function withStock(product: Product, variant_id: string, stock: number): Product {
  const variants = product.variants.map((variant) => (variant.id === variant_id ? { ...variant, stock } : variant));
  return { ...product, variants, stock: variants.reduce((total, variant) => total + variant.stock, 0) };
}

function withPrice(product: Product, variant_id: string | null, price_minor: number): Product {
  const variants = product.variants.map((variant) =>
    variant_id === null || variant.id === variant_id ? { ...variant, price_minor } : variant);
  return { ...product, variants, price_minor: variant_id === null ? price_minor : Math.min(...variants.map((v) => v.price_minor)) };
}
