/**
 * What is known of one live session: `reduce(state, event) -> state`, no I/O.
 *
 * A snapshot replaces. Recoverable events carry (epoch, offset): those at or before the state's position are
 * ignored, another epoch asks for what was missed (`stale`). Counted values (viewers, sales) simply replace.
 * The chat and what people do together are parts of their own: chat-state.ts, engagement-state.ts.
 */
import type {
  ChatMessage, ClaimAnswer, Deal, Giveaway, Hold, LiveSession, Media, MyEngagement, Order, Outward, Poll, Position, Product, Question, Recovered, Sales, Snapshot,
  Terms, You,
} from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";
import {
  chatAfter, chatFromSnapshot, noChat, withAnswer, withDecision, withoutLine, withoutReview, withoutTold, withPending, withRefusal, type ChatFacts,
} from "./chat-state.ts";
import { engagementFromSnapshot, noEngagement, withGiveaway, withPoll, withQuestions, type EngagementFacts } from "./engagement-state.ts";
import { dealOf, heldOf, shownProducts, type SellingFacts } from "./selling.ts";

export { chatKept, type ChatLine } from "./chat-state.ts";

/** What the shop says of one variant that somebody wanted to order; without a price it is not for sale. */
export interface QuotedLine {
  product_id: string | null;
  variant_id: string;
  unit_price_minor: number | null;
  stock: number;
}

export interface LiveState extends SellingFacts, ChatFacts {
  /** "joining" until the first snapshot; "missing" when there is no such live session; "banned" when this person was put out. */
  phase: "joining" | "ready" | "missing" | "banned";
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
  engagement: EngagementFacts;
  viewers: number;
  /** Reactions of everybody seen so far, and how many the last event added. */
  reactions: { total: number; last: number };
  you: You;
  chatMaxChars: number;
  /** What one order pays for delivery. */
  shipping_minor: number;
  sales: Sales | null;
  /** The server reaches only some of the viewers: what others say comes later. */
  isDegraded: boolean;
  /** Set when something was missed: the shell asks for what came after `from`, or, without one, for a fresh snapshot. */
  stale: { from: Position | null } | null;
  /** One's own orders as the server told of them last. */
  orders: Readonly<Record<string, Order>>;
}

export type WireEvent = { [E in keyof Outward]: { name: E; payload: Outward[E] } }[keyof Outward];

export type LiveEvent =
  | WireEvent
  | { name: "snapshot"; payload: Snapshot }
  | { name: "missing" }
  | { name: "banned" }
  /** What was missed after `from`, in order, up to `position`. */
  | { name: "recovered"; from: Position; answer: Recovered }
  /** What came after `from` could not be had yet. */
  | { name: "missed"; from: Position }
  | { name: "identity"; you: You }
  /** The answer to our own session.start, pause, resume or end, which may come before the event. */
  | { name: "told"; live: LiveSession }
  /** Prices and stock as a refused order names them. */
  | { name: "quoted"; lines: readonly QuotedLine[] }
  | { name: "line.pending"; line: ChatMessage }
  | { name: "line.sent"; id: string; message: ChatMessage; is_held?: boolean; claim?: ClaimAnswer | null }
  /** The answer to our own hold.place, hold.release or waitlist.join, which may come before the event. */
  | { name: "held"; hold: Hold }
  /** Server time: a deal may have begun, a hold run out. */
  | { name: "clock"; at_ms: number }
  | { name: "line.refused"; id: string; refusal: Refusal; now_ms?: number }
  | { name: "line.dropped"; id: string }
  /** The answers to what we did, which may come before the events about it. */
  | { name: "question.told"; question: Question }
  | { name: "poll.told"; poll: Poll }
  | { name: "giveaway.told"; giveaway: Giveaway }
  | { name: "mine"; mine: Partial<MyEngagement> }
  | { name: "following"; is_following: boolean };

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
  ...noChat,
  engagement: noEngagement,
  viewers: 0,
  reactions: { total: 0, last: 0 },
  you: anonymous,
  chatMaxChars: 200,
  shipping_minor: 0,
  sales: null,
  isDegraded: false,
  stale: null,
  orders: {},
};

export function reduce(state: LiveState, event: LiveEvent): LiveState {
  switch (event.name) {
    case "snapshot":
      return fromSnapshot(state, event.payload);
    case "missing":
      return { ...state, phase: "missing", stale: null };
    case "banned":
    case "person.banned":
      return { ...state, phase: "banned", chat: [], stale: null };
    case "identity":
      // What others must not know of this person comes with a snapshot only.
      return { ...state, you: event.you, stale: event.you.user_id === state.you.user_id || state.phase !== "ready" ? state.stale : { from: null } };
    case "told":
      return { ...state, live: event.live };
    case "quoted":
      return event.lines.reduce(quoted, state);
    case "line.pending":
      return { ...state, ...withPending(state, event.line) };
    case "line.sent":
      return claimed({ ...state, ...withAnswer(state, event.id, event.message, event.is_held ?? false) }, event.id, event.claim ?? null);
    case "held":
      return withHold(state, event.hold);
    case "clock":
      return shown({ ...state, at_ms: Math.max(state.at_ms, event.at_ms) });
    case "hold.changed":
      return heardHold(state, event.payload.hold, event.payload.version);
    case "line.refused":
      return { ...state, ...withRefusal(state, event.id, event.refusal, event.now_ms ?? state.at_ms) };
    case "line.dropped":
      return { ...state, ...withoutLine(state, event.id) };
    case "chat.decided":
      return { ...state, ...withDecision(state, event.payload.message_id, event.payload.is_approved) };
    case "standing.changed":
      return standing(state, event.payload.you);
    case "follow.changed":
      return state.live?.influencer.id === event.payload.influencer_id ? following(state, event.payload.is_following) : state;
    case "following":
      return following(state, event.is_following);
    case "question.told":
      return { ...state, engagement: withQuestions(state.engagement, [event.question]) };
    case "poll.told":
      return { ...state, engagement: withPoll(state.engagement, event.poll) };
    case "giveaway.told":
      return { ...state, engagement: withGiveaway(state.engagement, event.giveaway) };
    case "mine":
      return { ...state, engagement: { ...state.engagement, mine: { ...state.engagement.mine, ...event.mine } } };
    case "viewers.counted":
      return { ...state, viewers: event.payload.viewers };
    case "reactions.counted":
      return { ...state, reactions: { total: state.reactions.total + event.payload.count, last: event.payload.count } };
    case "sales.counted":
      return { ...state, sales: event.payload.sales };
    case "sync.gap":
      return { ...state, stale: { from: event.payload.position ?? null } };
    case "recovered":
      return caughtUp(state, event);
    case "missed":
      // Where everything is to be read anew, that is asked for.
      return state.stale?.from === null ? state : { ...state, stale: { from: event.from } };
    case "sync.moved":
      return { ...state, position: event.payload.position, isDegraded: event.payload.is_degraded };
    case "order.updated":
      return { ...state, orders: { ...state.orders, [event.payload.order.id]: event.payload.order } };
    default:
      return "epoch" in event.payload ? recovered(state, event as RecoverableEvent) : state;
  }
}

type RecoverableEvent = Extract<WireEvent, { payload: { epoch: string } }>;

function recovered(state: LiveState, event: RecoverableEvent): LiveState {
  const { epoch, offset } = event.payload;
  if (state.position === null) return state;
  if (epoch !== state.position.epoch) return { ...state, stale: { from: state.position } };
  const told = engaged(state, event);
  if (offset <= state.position.offset) return told;
  return { ...applied(told, event), position: { epoch, offset } };
}

/**
 * What was left out lies before what came anyhow, so the events are applied from where it began; those among them
 * that are known change nothing more, since later ones say it again.
 */
function caughtUp(state: LiveState, { from, answer }: Extract<LiveEvent, { name: "recovered" }>): LiveState {
  const events = answer.events as readonly unknown[] as readonly WireEvent[];
  const after = events.reduce<LiveState>(reduce, { ...state, ...withoutTold(state, events), position: from });
  const { position, viewers, you, sales, mine, server_time_ms } = answer;
  return shown({
    ...standing({ ...after, stale: null }, answer.standing), position, viewers, you, sales,
    holds: Object.fromEntries(answer.holds.map((hold) => [hold.variant_id, hold])),
    engagement: engagementFromSnapshot(after.engagement, { ...after.engagement, mine }),
    at_ms: Math.max(after.at_ms, server_time_ms),
  });
}

/** Told in a lane that may fall behind, hence told apart by revisions and not by the place on the bus. */
function engaged(state: LiveState, event: RecoverableEvent): LiveState {
  switch (event.name) {
    case "questions.changed":
      return { ...state, engagement: withQuestions(state.engagement, event.payload.questions) };
    case "poll.opened":
    case "poll.counted":
    case "poll.closed":
      return { ...state, engagement: withPoll(state.engagement, event.payload.poll) };
    case "giveaway.opened":
    case "giveaway.counted":
    case "giveaway.drawn":
      return { ...state, engagement: withGiveaway(state.engagement, event.payload.giveaway) };
    default:
      return state;
  }
}

/**
 * New rights bring what only those see who have them: the shell asks for it; with lost ones it goes. Whom one follows
 * is another matter: where nothing is said of it, it stays.
 */
function standing(state: LiveState, you: LiveState["standing"]): LiveState {
  const isNew = you.permissions.some((right) => !state.standing.permissions.includes(right));
  return {
    ...state,
    ...(you.permissions.includes("moderate_chat") ? {} : withoutReview(state, state.you.user_id)),
    standing: { ...you, is_following: you.is_following ?? state.standing.is_following },
    sales: you.permissions.includes("see_orders") ? state.sales : null,
    stale: isNew ? { from: null } : state.stale,
  };
}

function following(state: LiveState, is_following: boolean): LiveState {
  return { ...state, standing: { ...state.standing, is_following } };
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
    default:
      return { ...state, ...chatAfter(state, event) };
  }
}

function fromSnapshot(state: LiveState, snapshot: Snapshot): LiveState {
  return shown({
    ...state,
    ...chatFromSnapshot(state, snapshot.chat, snapshot.chat_state, snapshot.you.user_id),
    engagement: engagementFromSnapshot(state.engagement, snapshot.engagement),
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
    viewers: snapshot.viewers,
    you: snapshot.you,
    chatMaxChars: snapshot.terms.chat_max_chars,
    shipping_minor: snapshot.terms.shipping_minor,
    sales: snapshot.sales,
    isDegraded: false,
    stale: null,
  });
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
