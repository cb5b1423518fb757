/**
 * What this browser calls itself, so that who is not signed in and comes to a live session again is counted once.
 * Another one each day: it says who came twice to what is on today, and nothing about a person beyond that.
 */
import { newId } from "./id.ts";

const memory = "lc-client";
const day_ms = 24 * 3_600_000;

interface Kept {
  readonly id: string;
  readonly since_ms: number;
}

let current: Kept | null = null;

function isOfToday(kept: unknown): kept is Kept {
  if (typeof kept !== "object" || kept === null) return false;
  const { id, since_ms } = kept as Partial<Kept>;
  return typeof id === "string" && /^[0-9a-f-]{36}$/.test(id) && typeof since_ms === "number" && Math.abs(Date.now() - since_ms) < day_ms;
}

export function clientId(): string {
  if (isOfToday(current)) return current.id;
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(memory) ?? "null");
    if (isOfToday(kept)) {
      current = kept;
      return kept.id;
    }
  } catch {
    // Nothing is kept here, or nothing of ours.
  }
  current = { id: newId(), since_ms: Date.now() };
  try {
    localStorage.setItem(memory, JSON.stringify(current));
  } catch {
    // It then lasts until the page is loaded anew.
  }
  return current.id;
}
