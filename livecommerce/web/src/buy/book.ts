/** What is known of this customer for ordering: saved addresses, way of paying. Loaded once, shared by every sheet of the page. */
import { signal } from "@preact/signals";
import type { Address, OrderPlace } from "../wire/contract.gen.ts";
import { newId } from "../wire/id.ts";
import { restAs } from "../wire/identity.ts";
import { rest, type Refusal } from "../wire/rest.ts";

export type Method = OrderPlace["payment_method"];

export interface SavedAddress {
  readonly id: string | null;
  readonly label: string | null;
  readonly address: Address;
  readonly is_default: boolean;
}

interface Book {
  readonly addresses: readonly SavedAddress[];
  readonly payment_method: Method | null;
}

export const book = signal<{ readonly of: string; readonly addresses: readonly SavedAddress[]; readonly payment_method: Method | null } | null>(null);
/** What this server takes; until it has said so, what every server takes. */
export const methods = signal<readonly Method[]>(["cod"]);
/** For whom both were asked and answered, or refused: what is shown of them from then on stays where it is. */
export const answeredFor = signal<string | null>(null);
let askingMethods: Promise<void> | null = null;

async function loadMethods(): Promise<void> {
  const answer = await rest<{ methods: Method[] }>("/payment-methods");
  if (answer.ok && answer.ok.methods.length > 0) methods.value = answer.ok.methods;
  else askingMethods = null;
}

async function loadAddresses(user_id: string): Promise<void> {
  if (book.peek()?.of === user_id) return;
  const answer = await restAs<Book>("/addresses");
  if (answer.ok) book.value = { of: user_id, ...answer.ok };
}

export async function loadBook(user_id: string): Promise<void> {
  await Promise.all([askingMethods ??= loadMethods(), loadAddresses(user_id)]);
  answeredFor.value = user_id;
}

/** Into the book, for the next time; what is wrong with the address, else null. */
export async function saveAddress(user_id: string, address: Address): Promise<Refusal | null> {
  const same = book.peek()?.addresses.some((saved) => saved.id !== null && JSON.stringify(saved.address) === JSON.stringify(address));
  if (same) return null;
  const answer = await restAs<{ address: SavedAddress }>("/addresses", { body: { id: newId(), address, is_default: true } });
  if (!answer.ok) return answer.refused;
  const others = (book.peek()?.addresses ?? []).filter((saved) => saved.id !== null).map((saved) => ({ ...saved, is_default: false }));
  book.value = { of: user_id, addresses: [answer.ok.address, ...others], payment_method: book.peek()?.payment_method ?? null };
  return null;
}

export function rememberMethod(method: Method): void {
  const known = book.peek();
  if (known === null || known.payment_method === method) return;
  book.value = { ...known, payment_method: method };
  void restAs("/addresses/payment-method", { body: { payment_method: method } });
}
