/**
 * The bag of somebody who has not signed in: what this device remembers until the server takes it over. Pure.
 *
 * `id` names the merge: sent again after a lost answer, or by two tabs at once, it is merged once. It changes
 * with the contents only after a merge.
 */
import type { CartMerge } from "../wire/contract.gen.ts";

/** What the page showed when it was put in: what it is now is known after the sign-in. */
export interface Shown {
  readonly product_id: string;
  readonly name: string;
  readonly label: string;
  readonly image_url: string;
  readonly price_minor: number;
  readonly translations: Readonly<Record<string, { readonly name: string; readonly short_description: string | null }>>;
}

export interface LocalLine {
  readonly variant_id: string;
  readonly quantity: number;
  readonly live_session_id: string | null;
  readonly touched_at_ms: number;
  readonly shown: Shown;
}

export interface LocalCart {
  readonly id: string;
  readonly lines: readonly LocalLine[];
}

/** As many lines as a bag holds at the server. */
export const mostLines = 100;

/** What is kept in storage, or null for what is no bag. */
export function read(text: string | null): LocalCart | null {
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as Partial<LocalCart> | null;
    if (typeof found?.id !== "string" || !Array.isArray(found.lines)) return null;
    const lines = (found.lines as LocalLine[]).filter((line) =>
      typeof line?.variant_id === "string" && Number.isInteger(line.quantity) && line.quantity > 0 && typeof line.shown?.name === "string");
    return { id: found.id, lines: lines.slice(0, mostLines) };
  } catch {
    return null;
  }
}

/** More of it, at most `most`. The live session of the last time is the one that counts; a page of the shop leaves it. */
export function withAdded(cart: LocalCart, added: LocalLine, most: number): LocalCart {
  const before = cart.lines.find((line) => line.variant_id === added.variant_id);
  if (!before) return cart.lines.length >= mostLines ? cart : { ...cart, lines: [...cart.lines, { ...added, quantity: Math.min(most, added.quantity) }] };
  const quantity = Math.min(most, before.quantity + added.quantity);
  const touch = added.live_session_id === null ? { live_session_id: before.live_session_id, touched_at_ms: before.touched_at_ms } : {};
  return { ...cart, lines: cart.lines.map((line) => (line === before ? { ...added, quantity, ...touch } : line)) };
}

/** So many from now on; 0 takes the line away. */
export function withQuantity(cart: LocalCart, variant_id: string, quantity: number): LocalCart {
  const lines = cart.lines.flatMap((line) => (line.variant_id !== variant_id ? [line] : quantity > 0 ? [{ ...line, quantity }] : []));
  return { ...cart, lines };
}

export function toMerge(cart: LocalCart): CartMerge {
  return {
    id: cart.id,
    lines: cart.lines.map(({ variant_id, quantity, live_session_id, touched_at_ms }) => ({
      variant_id, quantity, live_session_id, touched_at_ms: live_session_id === null ? null : Math.round(touched_at_ms),
    })),
  };
}
