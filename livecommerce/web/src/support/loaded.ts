/** Something loaded from the server that others change meanwhile: asked for anew while it is looked at. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Refusal, Reply } from "../wire/rest.ts";

export interface Loaded<T> {
  value: Signal<T | null>;
  refusal: Signal<Refusal | null>;
  load: () => Promise<void>;
  /** What another call has answered is newer than any answer still under way. */
  put: (value: T) => void;
}

const refresh_ms = 20_000;

/** `key`: what is loaded; another key starts anew. An answer that comes after that is dropped. */
export function useLoaded<T>(key: string, ask: () => Promise<Reply<T>>): Loaded<T> {
  const value = useSignal<T | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const newest = useRef(0);
  const asked = useRef(ask);
  asked.current = ask;
  const load = async () => {
    const mine = (newest.current += 1);
    const answer = await asked.current();
    if (mine !== newest.current) return;
    if (answer.ok) value.value = answer.ok;
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => {
    void load();
    const look = () => { if (document.visibilityState === "visible") void load(); };
    const timer = setInterval(look, refresh_ms);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      newest.current += 1;
    };
  }, [key]);
  const put = (next: T) => {
    newest.current += 1;
    value.value = next;
    refusal.value = null;
  };
  return { value, refusal, load, put };
}
