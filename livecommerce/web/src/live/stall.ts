/**
 * What to do about a picture that stands still. Pure.
 *
 * Another peer helps where ours is cut off from the server, not where the influencer's own upload hangs: then the
 * server is heard as before, and a thousand viewers who all joined again would only keep it from its work.
 */
export type Stall = "none" | "wait" | "again";

/** No new frame for so long is a picture that stands still; nothing at all, a lost server. */
export const stall_ms = 3_500;
/** Beyond this another peer is tried whatever the reason may be. */
const patience_ms = 15_000;

export function stall(noFrame_ms: number, nothing_ms: number): Stall {
  if (noFrame_ms <= stall_ms) return "none";
  return nothing_ms > stall_ms || noFrame_ms > patience_ms ? "again" : "wait";
}
