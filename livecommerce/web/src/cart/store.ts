/**
 * The bag on this page: the server's for a customer, this device's before the sign-in, merged when it comes.
 *
 * Quantities change at once and are put right by the answer; prices and stock are only ever the server's.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import type { Cart } from "../wire/contract.gen.ts";
import { newId } from "../wire/id.ts";
import { person, restAs, restoring } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import { read, toMerge, withAdded, withQuantity, type LocalCart, type Shown } from "./local.ts";

const memory = "lc-cart";
/** Before the server has said how many of one product it takes. */
const mostOfOne = 10;

const kept = signal<LocalCart>(stored());
const known = signal<Cart | null>(null);
const trouble = signal<Refusal | null>(null);
const working = signal(0);

/** The server's bag; null while it is not known, and for anybody but a customer. */
export const cart: ReadonlySignal<Cart | null> = known;
/** The bag of before the sign-in. */
export const localCart: ReadonlySignal<LocalCart> = kept;
export const cartTrouble: ReadonlySignal<Refusal | null> = trouble;
export const cartBusy = computed(() => working.value > 0);
export const isCustomer = computed(() => person.value?.role === "customer");
/** Pieces for the badge; quantities that were just changed count at once. */
export const cartPieces = computed(() =>
  isCustomer.value ? (known.value?.pieces ?? 0) : kept.value.lines.reduce((sum, line) => sum + line.quantity, 0));

function stored(): LocalCart {
  try {
    return read(localStorage.getItem(memory)) ?? { id: newId(), lines: [] };
  } catch {
    return { id: newId(), lines: [] };
  }
}

function keep(next: LocalCart): void {
  kept.value = next;
  try {
    if (next.lines.length === 0) localStorage.removeItem(memory);
    else localStorage.setItem(memory, JSON.stringify(next));
  } catch {
    // Without storage the bag lasts for this page.
  }
}

addEventListener("storage", (event) => {
  if (event.key === memory) kept.value = stored();
});

/** One call after the other: an older answer never replaces a newer one. */
let queue: Promise<unknown> = Promise.resolve();

function ask(path: string, body?: unknown): Promise<Refusal | null> {
  working.value += 1;
  const turn = queue.then(async () => {
    const answer = await restAs<{ cart: Cart }>(path, body === undefined ? {} : { body });
    batch(() => {
      working.value -= 1;
      if (answer.ok) known.value = answer.ok.cart;
      trouble.value = answer.refused ?? null;
    });
    return answer.refused ?? null;
  });
  queue = turn.catch(() => undefined);
  return turn;
}

export const loadCart = () => (isCustomer.peek() ? ask("/cart") : Promise.resolve(null));

/** Into the bag, for a customer the server's, else this device's; what the server refused, else null. */
export async function addToCart(variant_id: string, quantity: number, live_session_id: string | null, shown: Shown): Promise<Refusal | null> {
  if (isCustomer.peek()) {
    const body = { id: newId(), variant_id, quantity, live_session_id };
    const refusal = await ask("/cart/add", body);
    // A lost answer: the same id adds once.
    return refusal?.code === "connection.lost" ? ask("/cart/add", body) : refusal;
  }
  keep(withAdded(kept.peek(), { variant_id, quantity, live_session_id, touched_at_ms: Date.now(), shown }, mostOfOne));
  return null;
}

export function setQuantity(variant_id: string, quantity: number): void {
  if (!isCustomer.peek()) return keep(withQuantity(kept.peek(), variant_id, quantity));
  const before = known.peek();
  if (before) {
    const lines = before.lines.flatMap((line) => (line.variant_id !== variant_id ? [line] : quantity > 0 ? [{ ...line, quantity }] : []));
    known.value = { ...before, lines, pieces: lines.reduce((sum, line) => sum + line.quantity, 0) };
  }
  void ask("/cart/update", { variant_id, quantity }).then((refusal) => { if (refusal) void loadCart(); });
}

export function removeLine(variant_id: string): void {
  if (isCustomer.peek()) void ask("/cart/remove", { variant_ids: [variant_id] });
  else keep(withQuantity(kept.peek(), variant_id, 0));
}

async function merge(): Promise<void> {
  const waiting = stored();
  if (waiting.lines.length === 0) return void (await ask("/cart"));
  const refusal = await ask("/cart/merge", toMerge(waiting));
  if (refusal === null || !["connection.lost", "service.unavailable", "rate.limited"].includes(refusal.code)) keep({ id: newId(), lines: [] });
  if (refusal !== null) await ask("/cart");
}

// Whoever signs in, on this page or in another tab, finds both bags in one.
effect(() => {
  const id = isCustomer.value ? person.value!.id : null;
  if (restoring.value) return;
  untracked(() => {
    if (id === null) known.value = null;
    else void merge();
  });
});
