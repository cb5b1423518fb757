/**
 * By whose link somebody came: `?ref=CODE`, remembered on this device for 30 days, and told to the server when a
 * customer opens a product. Whoever buys then earns them, by the server's rules.
 */
import { person, restAs } from "../wire/identity.ts";
import { readReferral, takeReferral, type Referral } from "./touch-memory.ts";

const memory = "lc-ref";

/** Once per page: keeps the code of the address, and takes it out of what the person would share. */
export function rememberReferral(): void {
  const { code, href } = takeReferral(location.href);
  if (href !== location.href) history.replaceState(history.state, "", href);
  if (code === null) return;
  try {
    localStorage.setItem(memory, JSON.stringify({ code, at_ms: Date.now() }));
  } catch {
    // Without storage nobody is known to have sent them.
  }
}

const told = new Set<string>();

export function noteProductOpened(product_id: string): void {
  if (person.peek()?.role !== "customer" || told.has(product_id)) return;
  let found: Referral | null = null;
  try {
    found = readReferral(localStorage.getItem(memory), Date.now());
  } catch {
    return;
  }
  if (found === null) return;
  told.add(product_id);
  void restAs("/touches", { body: { code: found.code, product_id, touched_at_ms: Math.round(found.at_ms) } }).then((answer) => {
    if (answer.refused) told.delete(product_id);
  });
}
