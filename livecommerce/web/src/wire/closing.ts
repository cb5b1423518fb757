/**
 * Why the server closed the connection. Its close frame says all that is needed: the reason, and either
 * `retry_after_s=<seconds>`, the least time to stay away, or `final`: coming back by itself would only repeat what
 * went wrong.
 */

export interface Closing {
  reason: string;
  /** null: final. */
  retry_after_s: number | null;
}

/** What the text of a close frame says; null for one that is not the server's own, or was never sent. */
export function closingOf(text: string): Closing | null {
  const found = /^([a-z_]+) (?:(final)|retry_after_s=(\d+(?:\.\d+)?))$/.exec(text);
  return found ? { reason: found[1]!, retry_after_s: found[2] ? null : Number(found[3]) } : null;
}

/** When to come back, spread so that those who were closed together do not come together. `luck`: 0 to 1. */
export function comeBackIn_ms(retry_after_s: number, luck: number): number {
  return 1000 * (retry_after_s + luck * Math.max(0.3, retry_after_s));
}
