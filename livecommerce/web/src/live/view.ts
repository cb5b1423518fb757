/** What the stage shows, decided from what is known. Pure. */
import type { LiveSession } from "../wire/contract.gen.ts";
import type { PlayerState } from "./player.ts";

export type StageState =
  | "before" | "joining" | "live" | "paused" | "waiting" | "reconnecting" | "blocked" | "ended" | "missing" | "banned" | "full" | "offline";

export interface StageFacts {
  phase: "joining" | "ready" | "missing" | "banned";
  status: LiveSession["status"] | null;
  player: PlayerState;
  blocked: boolean;
  online: boolean;
  /** A frame has been on screen since the page opened. */
  hasPlayed: boolean;
}

/** Nothing is shown, said or pinned any more. */
export function isOver(status: LiveSession["status"] | null): boolean {
  return status === "ended" || status === "cancelled" || status === "error";
}

export function stageState(facts: StageFacts): StageState {
  const { phase, status, player, blocked, online, hasPlayed } = facts;
  if (phase === "missing" || phase === "banned") return phase;
  if (isOver(status)) return "ended";
  if (!online && player !== "playing") return "offline";
  if (phase === "joining") return "joining";
  if (status === "scheduled") return "before";
  if (status === "paused") return "paused";
  if (blocked) return "blocked";
  if (player === "playing") return "live";
  if (player === "refused") return "full";
  if (player === "waiting") return "waiting";
  return hasPlayed ? "reconnecting" : "joining";
}

export type Fit = "cover" | "contain";

/**
 * How a picture fills a box: cover when at least three quarters of it stay visible, else contain.
 *
 * Both ratios are width over height.
 */
export function fit(picture: number, box: number): Fit {
  const visible = picture > box ? box / picture : picture / box;
  return visible >= 0.75 ? "cover" : "contain";
}

/** Particles for one reactions.counted: grows with the logarithm of the count, never more than eight. */
export function particles(count: number): number {
  return count <= 0 ? 0 : Math.min(8, 1 + Math.floor(Math.log2(count)));
}

/** Whole percent by which price undercuts the struck price; 0 when it does not. */
export function percentOff(price_minor: number, compare_at_minor: number | null): number {
  return compare_at_minor && compare_at_minor > price_minor ? Math.floor((100 * (compare_at_minor - price_minor)) / compare_at_minor) : 0;
}

/** Shown stock is never invented: a number only when few are left. */
export function stockLevel(stock: number): "none" | "few" | "plenty" {
  if (stock <= 0) return "none";
  return stock <= 10 ? "few" : "plenty";
}
