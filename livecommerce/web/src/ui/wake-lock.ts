/** Keep the screen on while `wanted`; only visible pages may hold a lock, so it is asked for at each return. */
export function keepAwake(): { set(wanted: boolean): void; supported: boolean } {
  const supported = "wakeLock" in navigator;
  let wanted = false;
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (!supported || !wanted || document.visibilityState !== "visible" || (lock && !lock.released)) return;
    // Power saving may refuse it; the page works without.
    lock = await navigator.wakeLock.request("screen").catch(() => null);
    if (!wanted) void lock?.release();
  };
  document.addEventListener("visibilitychange", () => void ask());
  return {
    supported,
    set: (next) => {
      if (wanted === next) return;
      wanted = next;
      if (wanted) void ask();
      else void lock?.release();
    },
  };
}
