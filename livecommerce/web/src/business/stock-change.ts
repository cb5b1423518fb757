/** What was typed beside each variant, as the server takes it. Pure. */
import type { Reason } from "./api.ts";

export type StockChange = { variant_id: string; delta: number } | { variant_id: string; counted: number };

/** What is damaged or lost goes off, whatever sign was typed; a correction goes either way. Null for what is no number of pieces. */
export function deltasOf(reason: Reason, typed: Readonly<Record<string, string>>): StockChange[] | null {
  const changes: StockChange[] = [];
  for (const [variant_id, text] of Object.entries(typed)) {
    const plain = text.replace(/[,\s]/g, "").replace("−", "-");
    if (plain === "") continue;
    if (!/^[+-]?\d{1,6}$/.test(plain)) return null;
    const pieces = Number(plain);
    if (reason === "counted") {
      if (pieces < 0) return null;
      changes.push({ variant_id, counted: pieces });
    } else if (pieces !== 0) {
      const delta = reason === "correction" ? pieces : reason === "damaged" || reason === "lost" ? -Math.abs(pieces) : pieces;
      if (delta < 0 && (reason === "received" || reason === "returned")) return null;
      changes.push({ variant_id, delta });
    }
  }
  return changes;
}
