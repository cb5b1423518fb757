/**
 * Calls of the REST interface under /api/v1. Every answer is `{ok}` or `{refused}`; a lost connection is a
 * refusal like any other, with the code "connection.lost".
 */

/** A refusal of the hub, of the REST interface, or one of the page's own ("connection.lost", "connection.timeout"). */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly retry_after_s?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Reply<T> = { ok: T; refused?: undefined } | { ok?: undefined; refused: Refusal };

export interface RestCall {
  method?: "GET" | "POST" | "PATCH";
  body?: unknown;
  token?: string | null;
  /** Sends the refresh cookie's proof header; only for auth/refresh and auth/log-out. */
  cookie?: boolean;
}

const timeout_ms = 15_000;

export async function rest<T>(path: string, call: RestCall = {}): Promise<Reply<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  if (call.token) headers.Authorization = `Bearer ${call.token}`;
  if (call.cookie) headers["X-Livecommerce"] = "1";
  try {
    const response = await fetch(`/api/v1${path}`, {
      method: call.method ?? (call.body === undefined ? "GET" : "POST"),
      headers,
      body: call.body === undefined ? null : JSON.stringify(call.body),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(timeout_ms),
    });
    return await read<T>(response);
  } catch {
    return { refused: { code: "connection.lost", message: "" } };
  }
}

async function read<T>(response: Response): Promise<Reply<T>> {
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return { ok: answer as T };
  const refused = (answer as { refused?: Refusal } | null)?.refused;
  return { refused: refused ?? { code: "service.unavailable", message: "" } };
}
