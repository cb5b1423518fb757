/** From the broadcast's statistics to one of three levels, slow to change in both directions. Pure. */

export interface Measured {
  at_ms: number;
  bitrate_bps: number;
  fps: number;
  height: number;
  round_trip_ms: number | null;
  /** Share of packets that the server did not receive, 0 to 1. */
  lost: number;
  limitedBy: "none" | "cpu" | "bandwidth" | "other";
}

export type Level = "good" | "fair" | "poor";

export interface Health {
  level: Level;
  measured: Measured;
  /** The level that the latest measurements speak for, and since when. */
  leaning: Level;
  since_ms: number;
}

const worse_ms = 5_000;
const better_ms = 15_000;
const order: Record<Level, number> = { good: 0, fair: 1, poor: 2 };

export function judged(measured: Measured): Level {
  if (measured.fps < 8 || measured.lost > 0.15 || measured.bitrate_bps < 150_000) return "poor";
  if (measured.fps < 18 || measured.lost > 0.04 || (measured.limitedBy === "bandwidth" && measured.height < 540)) return "fair";
  return "good";
}

export function next(before: Health | null, measured: Measured): Health {
  const leaning = judged(measured);
  if (before === null) return { level: "good", measured, leaning, since_ms: measured.at_ms };
  const since_ms = leaning === before.leaning ? before.since_ms : measured.at_ms;
  const patience_ms = order[leaning] > order[before.level] ? worse_ms : better_ms;
  const level = leaning !== before.level && measured.at_ms - since_ms >= patience_ms ? leaning : before.level;
  return { level, measured, leaning, since_ms };
}
