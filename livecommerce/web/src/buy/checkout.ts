/**
 * From lines to a placed order: address, way of paying, coupon, and the order itself. The buy sheet and the bag
 * stand on it; what the lines are is theirs.
 *
 * An order is never assumed: the button works until the server has answered, and a retry repeats the same id.
 */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Address, CouponOk, Order, OrderLine } from "../wire/contract.gen.ts";
import { newId } from "../wire/id.ts";
import { person, restAs } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import type { Connection } from "../wire/socket.ts";
import { emptyDraft, fromAddress, toAddress, wrongFields, type AddressDraft, type AddressField } from "./address.ts";
import { attemptFor, type Attempt } from "./attempt.ts";
import { gstinOf, rememberGstin, useBusiness, type Business } from "./business.tsx";
import { answeredFor, book, loadBook, methods, rememberMethod, saveAddress, type Method } from "./book.ts";
import type { GstinFault } from "./gstin.ts";
import { sums, type Counted, type Sums } from "./sums.ts";

const slow_ms = 300;
const verySlow_ms = 8_000;
const giveUp_ms = 30_000;

export type Step = "choose" | "account" | "address" | "done";

/** What is to be ordered, as the page shows it now. */
export interface Wish extends Counted {
  items: readonly OrderLine[];
  live_session_id: string | null;
  from_cart: boolean;
}

interface Applied {
  /** The lines for which the discount was counted. */
  lines: string;
  code: string;
  discount_minor: number;
}

export interface Checkout {
  step: Signal<Step>;
  address: Signal<Address | null>;
  draft: Signal<AddressDraft>;
  addressErrors: Signal<AddressField[]>;
  method: Method;
  choose(method: Method): void;
  /** The code that is applied, or null. */
  coupon: string | null;
  couponRefusal: Signal<Refusal | null>;
  apply(code: string): Promise<void>;
  drop(): void;
  business: Business;
  refusal: Signal<Refusal | null>;
  progress: Signal<"idle" | "sent" | "slow" | "very-slow">;
  order: Signal<Order | null>;
  sums: Sums;
  isCustomer: boolean;
  /** What has to be asked before the order can be placed. */
  needs: Step | null;
  /** Saved addresses and ways of paying have come, or cannot be had. */
  isKnown: boolean;
  place(agreed_minor?: number): Promise<void>;
  useDraft(): Promise<void>;
  useSaved(address: Address): void;
  signedIn(isCustomer: boolean): void;
}

export interface Hooks {
  /** A refusal came with lines as they stand now. */
  onQuoted?(lines: unknown, refusal: Refusal): void;
  onPlaced?(order: Order): void;
}

export function useCheckout(call: Connection["call"], wish: Wish, hooks: Hooks = {}): Checkout {
  const step = useSignal<Step>("choose");
  const address = useSignal<Address | null>(null);
  const draft = useSignal(emptyDraft);
  const addressErrors = useSignal<AddressField[]>([]);
  const chosen = useSignal<Method | null>(null);
  const applied = useSignal<Applied | null>(null);
  const couponRefusal = useSignal<Refusal | null>(null);
  /** The total that the server named when it refused ours, for the contents under `key`. */
  const corrected = useSignal<{ key: string; total_minor: number } | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const progress = useSignal<Checkout["progress"]["value"]>("idle");
  const order = useSignal<Order | null>(null);
  const business = useBusiness();
  const attempt = useRef<Attempt | null>(null);
  const who = person.value;
  const isCustomer = who === null || who.role === "customer";
  const known = book.value?.of === who?.id ? book.value : null;

  const preferred = chosen.value ?? known?.payment_method ?? null;
  const method = preferred !== null && methods.value.includes(preferred) ? preferred : methods.value[0]!;
  const lines = JSON.stringify([wish.items, wish.subtotal_minor]);
  const key = `${lines} ${method} ${applied.value?.code}`;
  const discount_minor = applied.value?.lines === lines ? applied.value.discount_minor : 0;
  const total = sums(wish, method === "cod", discount_minor, corrected.value?.key === key ? corrected.value.total_minor : null);

  useEffect(() => { if (who?.role === "customer") void loadBook(who.id); }, [who?.id]);
  useEffect(() => {
    if (address.value !== null || who === null) return;
    const first = known?.addresses[0];
    if (first) useSaved(first.address);
    else if (draft.value.name === "") draft.value = { ...draft.value, name: who.display_name };
  }, [known, who?.id]);
  // Other lines, another discount: asked anew, never carried over.
  useEffect(() => {
    const code = applied.value?.code;
    if (code && applied.value?.lines !== lines && wish.items.length > 0) void apply(code);
  }, [lines]);

  async function apply(typed: string): Promise<void> {
    const code = typed.trim().toUpperCase();
    if (code === "" || wish.items.length === 0) return;
    const answer = await restAs<CouponOk>("/coupons/check", { body: { code, lines: wish.items } });
    couponRefusal.value = answer.refused ?? null;
    applied.value = answer.ok ? { lines, code: answer.ok.coupon.code, discount_minor: answer.ok.discount_minor } : null;
    if (refusal.value?.code.startsWith("order.coupon_")) refusal.value = null;
  }

  function drop(): void {
    applied.value = null;
    couponRefusal.value = null;
    refusal.value = null;
  }

  async function place(agreed_minor = total.total_minor): Promise<void> {
    if (progress.value !== "idle" || address.value === null || wish.items.length === 0) return;
    refusal.value = null;
    const buyer_gstin = gstinOf(business);
    if (buyer_gstin === undefined) return;
    if (agreed_minor !== total.total_minor) corrected.value = { key, total_minor: agreed_minor };
    attempt.current = attemptFor(attempt.current, {
      live_session_id: wish.live_session_id,
      items: wish.items,
      address: address.value,
      payment_method: method,
      shown_total_minor: agreed_minor,
      coupon_code: applied.value?.code ?? null,
      from_cart: wish.from_cart,
      buyer_gstin,
    }, newId);
    progress.value = "sent";
    const slow = setTimeout(() => { progress.value = "slow"; }, slow_ms);
    const verySlow = setTimeout(() => { progress.value = "very-slow"; }, verySlow_ms);
    const { id, contents } = attempt.current;
    const answer = await call("order.place", { id, ...contents }, { timeout_ms: giveUp_ms, repeat: true });
    clearTimeout(slow);
    clearTimeout(verySlow);
    progress.value = "idle";
    if (!answer.ok) return refuse(answer.refused);
    rememberMethod(method);
    if (buyer_gstin !== null && who !== null) rememberGstin(who.id, buyer_gstin);
    order.value = answer.ok.order;
    step.value = "done";
    hooks.onPlaced?.(answer.ok.order);
  }

  function refuse(answer: Refusal): void {
    if (answer.code === "auth.required") {
      step.value = "account";
      return;
    }
    if (answer.code === "order.gstin_invalid") business.fault.value = answer.details?.reason as GstinFault;
    if (answer.details?.lines) hooks.onQuoted?.(answer.details.lines, answer);
    if (answer.code === "order.key_reused") attempt.current = null;
    if (answer.code === "order.address_invalid") {
      addressErrors.value = Object.keys((answer.details?.fields as object | undefined) ?? {}) as AddressField[];
      step.value = "address";
    }
    refusal.value = answer;
  }

  async function useDraft(): Promise<void> {
    addressErrors.value = wrongFields(draft.value);
    if (addressErrors.value.length > 0) return;
    const next = toAddress(draft.value);
    const wrong = who?.role === "customer" ? await saveAddress(who.id, next) : null;
    // A book that is full or out of reach keeps nobody from ordering.
    if (wrong?.code === "order.address_invalid") return refuse(wrong);
    address.value = next;
    refusal.value = null;
    step.value = "choose";
  }

  function useSaved(saved: Address): void {
    address.value = saved;
    draft.value = fromAddress(saved);
    refusal.value = null;
    if (step.value === "address") step.value = "choose";
  }

  return {
    step, address, draft, addressErrors, method, business, couponRefusal, refusal, progress, order, isCustomer,
    coupon: applied.value?.code ?? null,
    sums: total,
    isKnown: who?.role !== "customer" || answeredFor.value === who.id,
    needs: who === null ? "account" : address.value === null ? "address" : null,
    choose: (next) => {
      chosen.value = next;
      refusal.value = null;
    },
    apply, drop, place, useDraft, useSaved,
    signedIn: (asCustomer) => {
      refusal.value = asCustomer ? null : { code: "order.not_customer", message: "" };
      step.value = "choose";
    },
  };
}
