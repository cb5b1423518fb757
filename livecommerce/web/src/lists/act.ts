/** One thing done on the server from a button: once at a time, its refusal kept beside it. */
import { useSignal, type Signal } from "@preact/signals";
import type { Refusal, Reply } from "../wire/rest.ts";

export interface Act {
  working: Signal<boolean>;
  refusal: Signal<Refusal | null>;
  /** The answer, or null when it was refused or another call is still under way. */
  run: <T>(call: () => Promise<Reply<T>>) => Promise<T | null>;
}

export function useAct(): Act {
  const working = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  return {
    working,
    refusal,
    run: async (call) => {
      if (working.value) return null;
      working.value = true;
      refusal.value = null;
      const answer = await call();
      working.value = false;
      refusal.value = answer.refused ?? null;
      return answer.ok ?? null;
    },
  };
}
