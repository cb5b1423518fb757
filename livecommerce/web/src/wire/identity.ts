/**
 * Who is signed in on this device, and the access token that proves it.
 *
 * The access token lives in memory only. It comes from log-in, sign-up, a one-time link, or from the
 * HttpOnly refresh cookie. Refresh tokens rotate, and a token used twice ends its family; so tabs take
 * turns under a Web Lock, and the later tab sends the cookie that the earlier one received.
 * localStorage holds one flag, "somebody is signed in here", which spares anonymous viewers a refused call.
 */
import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { rest, type Reply } from "./rest.ts";

export interface Person {
  id: string;
  role: "customer" | "influencer" | "wholesaler" | "admin";
  display_name: string;
  email: string | null;
}

interface Granted {
  access_token: string;
  expires_in_s: number;
  user: Person;
}

const flag = "lc-signed-in";
/** Renew this long before the access token expires. */
const margin_s = 60;
/** Refusals of a refresh after which asking again is pointless: the person logs in again. */
const endings = new Set(["auth.invalid", "auth.required", "auth.account_closed", "auth.forbidden"]);

const who = signal<Person | null>(null);
const token = signal<string | null>(null);
let expires_ms = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let refreshing: Promise<void> | null = null;

export const person: ReadonlySignal<Person | null> = who;
export const accessToken: ReadonlySignal<string | null> = token;

function flagged(): boolean {
  try {
    return localStorage.getItem(flag) === "1";
  } catch {
    return true;
  }
}

function setFlag(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(flag, "1");
    else localStorage.removeItem(flag);
  } catch {
    // Without storage each page asks the server instead.
  }
}

/** True until restore() has finished on a device where somebody is signed in. */
export const restoring = signal(flagged());

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("lc-identity") : null;
tabs?.addEventListener("message", ({ data }) => {
  if (data === "out") forget();
  else if (data === "in" && who.value === null) void restore(true);
});

function accept(granted: Granted): void {
  token.value = granted.access_token;
  who.value = granted.user;
  expires_ms = performance.now() + granted.expires_in_s * 1000;
  setFlag(true);
  clearTimeout(timer);
  timer = setTimeout(() => void refresh(), Math.max(5, granted.expires_in_s - margin_s) * 1000);
}

function forget(): void {
  clearTimeout(timer);
  token.value = null;
  who.value = null;
  setFlag(false);
}

function inTurn(work: () => Promise<void>): Promise<void> {
  return "locks" in navigator ? navigator.locks.request("lc-refresh", work) : work();
}

function refresh(): Promise<void> {
  refreshing ??= inTurn(async () => {
    const answer = await rest<Granted>("/auth/refresh", { body: {}, cookie: true });
    if (answer.ok) accept(answer.ok);
    else if (endings.has(answer.refused.code)) forget();
    else {
      clearTimeout(timer);
      timer = setTimeout(() => void refresh(), 5_000);
    }
  }).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Sign in from the refresh cookie, when this device has one. Resolves when it is known who this is. */
export async function restore(always = false): Promise<Person | null> {
  if (token.value === null && (always || flagged())) await refresh();
  restoring.value = false;
  return who.value;
}

/** A token good for at least a few seconds more, or null for an anonymous viewer. */
export async function freshToken(): Promise<string | null> {
  if (token.value !== null && expires_ms - performance.now() < 5_000) await refresh();
  return token.value;
}

/** Ask for another token, or learn that the log-in was ended: the one there is was refused. */
export async function renewToken(): Promise<void> {
  if (token.value !== null) await refresh();
}

async function enter(path: string, body: unknown): Promise<Reply<Person>> {
  const answer = await rest<Granted>(path, { body, cookie: true });
  if (!answer.ok) return answer;
  accept(answer.ok);
  restoring.value = false;
  tabs?.postMessage("in");
  return { ok: answer.ok.user };
}

export interface SignUp {
  email: string;
  password: string;
  display_name: string;
  role?: "customer" | "influencer" | "wholesaler";
}

export const signUp = (form: SignUp) => enter("/auth/sign-up", form);
export const logIn = (email: string, password: string) => enter("/auth/log-in", { email, password });
export const logInByLink = (link: string) => enter("/auth/link", { token: link });

export async function logOut(): Promise<void> {
  await rest("/auth/log-out", { body: {}, cookie: true });
  forget();
  tabs?.postMessage("out");
}

/** REST call as the signed-in person; one repeat when the server says that the token has expired. */
export async function restAs<T>(path: string, call: { method?: "GET" | "POST" | "PATCH"; body?: unknown } = {}): Promise<Reply<T>> {
  const answer = await rest<T>(path, { ...call, token: await freshToken() });
  const code = answer.refused?.code;
  if (token.value === null || (code !== "auth.invalid" && code !== "auth.expired")) return answer;
  await refresh();
  return rest<T>(path, { ...call, token: token.value });
}

/** Run `work` now and whenever the token changes: how an open connection keeps its identity. */
export function onToken(work: (token: string | null) => void): () => void {
  return effect(() => work(token.value));
}

// A phone that slept past the timer renews as soon as it is looked at.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && token.value !== null && expires_ms - performance.now() < margin_s * 1000) void refresh();
});
