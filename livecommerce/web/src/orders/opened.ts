/** Payments whose link was followed on this device, or that the customer says are paid: also after a reload nobody pays them twice. */
import { signal } from "@preact/signals";

const memory = "lc-payments-opened";
const most = 20;

function remembered(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(memory) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

const opened = signal<readonly string[]>(remembered());

export const wasOpened = (payment_id: string): boolean => opened.value.includes(payment_id);

export function setOpened(payment_id: string, isOpened: boolean): void {
  const others = opened.value.filter((id) => id !== payment_id);
  opened.value = isOpened ? [...others, payment_id].slice(-most) : others;
  try {
    localStorage.setItem(memory, JSON.stringify(opened.value));
  } catch {
    // It then lasts until the page is loaded anew.
  }
}

/** A provider's page leads back with the name of the payment, paid or not: what the customer did there is kept, the address is not. */
function comeBack(): void {
  const query = new URLSearchParams(location.search);
  const back = query.get("back");
  const turned_back = query.get("turned_back");
  if (back === null && turned_back === null) return;
  if (back !== null) setOpened(back, true);
  if (turned_back !== null) setOpened(turned_back, false);
  query.delete("back");
  query.delete("turned_back");
  history.replaceState(history.state, "", `${location.pathname}?${query.toString()}`);
}

comeBack();
