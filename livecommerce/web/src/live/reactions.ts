/**
 * Hearts. Taps show at once and leave for the server once a second as one number; what others sent floats up
 * from a pool of 24, by transform and opacity alone. Nothing floats while the page is hidden or where less motion
 * is asked for, and not while frames take longer than 50 ms.
 */
import { particles } from "./view.ts";

const pool = 24;
const flush_ms = 1_000;
const slow_ms = 50;
const mostPerSend = 20;

export interface Reactions {
  tap(): void;
  /** `count` reactions of others, and our own echoed by the server. */
  counted(count: number): void;
  setShown(shown: boolean): void;
  attach(layer: HTMLElement): void;
}

export function createReactions(send: (count: number) => void): Reactions {
  let layer: HTMLElement | null = null;
  let shown = true;
  let waiting = 0;
  let own = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flying = 0;
  let slowUntil_ms = 0;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  if ("PerformanceObserver" in globalThis && PerformanceObserver.supportedEntryTypes.includes("long-animation-frame")) {
    new PerformanceObserver((list) => {
      if (list.getEntries().some((entry) => entry.duration > slow_ms)) slowUntil_ms = performance.now() + 1_000;
    }).observe({ type: "long-animation-frame" });
  }

  function float(delay_ms: number): void {
    if (layer === null || !shown || still.matches || document.hidden || flying >= pool || performance.now() < slowUntil_ms) return;
    const heart = document.createElement("span");
    heart.className = "heart";
    heart.textContent = "♥";
    heart.style.setProperty("--hue", String(Math.floor(Math.random() * 4)));
    flying += 1;
    layer.append(heart);
    const drift = (Math.random() - 0.5) * 70;
    const size = 0.75 + Math.random() * 0.6;
    const flight = heart.animate(
      [
        { transform: `translate(0, 0) scale(${size * 0.4})`, opacity: 0 },
        { transform: `translate(${drift * 0.4}px, -60px) scale(${size})`, opacity: 0.95, offset: 0.2 },
        { transform: `translate(${drift}px, -${220 + Math.random() * 90}px) scale(${size})`, opacity: 0 },
      ],
      { duration: 1_900 + Math.random() * 700, delay: delay_ms, easing: "cubic-bezier(.2,.6,.4,1)", fill: "both" },
    );
    const gone = () => {
      heart.remove();
      flying -= 1;
    };
    flight.finished.then(gone, gone);
  }

  function flush(): void {
    timer = undefined;
    if (waiting === 0) return;
    const count = Math.min(waiting, mostPerSend);
    waiting = 0;
    own += count;
    send(count);
  }

  return {
    tap: () => {
      waiting += 1;
      float(0);
      timer ??= setTimeout(flush, flush_ms);
    },
    counted: (count) => {
      const others = Math.max(0, count - own);
      own = Math.max(0, own - count);
      const flights = particles(others);
      for (let n = 0; n < flights; n += 1) float((n / flights) * 900);
    },
    setShown: (next) => { shown = next; },
    attach: (element) => { layer = element; },
  };
}
