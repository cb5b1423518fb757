/** The code of a link in an address and in storage. Pure. */

const keep_ms = 30 * 86_400_000;

export interface Referral {
  readonly code: string;
  readonly at_ms: number;
}

/** What is remembered, if it is a code that is young enough. */
export function readReferral(text: string | null, now_ms: number): Referral | null {
  try {
    const found = JSON.parse(text ?? "null") as Partial<Referral> | null;
    if (typeof found?.code !== "string" || !/^[A-Z2-9]{8}$/.test(found.code) || typeof found.at_ms !== "number") return null;
    return found.at_ms <= now_ms && now_ms - found.at_ms < keep_ms ? { code: found.code, at_ms: found.at_ms } : null;
  } catch {
    return null;
  }
}

/** The address without its code, and the code that it had. */
export function takeReferral(href: string): { code: string | null; href: string } {
  const url = new URL(href);
  const code = url.searchParams.get("ref")?.toUpperCase() ?? null;
  url.searchParams.delete("ref");
  return { code: code !== null && /^[A-Z2-9]{8}$/.test(code) ? code : null, href: url.href };
}
