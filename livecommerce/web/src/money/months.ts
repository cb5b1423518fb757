/** Months of a statement, as "2026-11", on India's calendar: that is where the books are kept. */
const india_ms = 5.5 * 3_600_000;

/** This month and those before it, newest first. */
export function months(now_ms: number, count: number): string[] {
  const now = new Date(now_ms + india_ms);
  return Array.from({ length: count }, (_, ago) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1)).toISOString().slice(0, 7));
}
