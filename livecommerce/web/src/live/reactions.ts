/**
 * Hearts and other reactions. Taps show at once and leave for the server once a second as one number of each kind;
 * what others sent floats up from a pool of 24, by transform and opacity alone. Nothing floats while the page is hidden or where less motion
 * is asked for, and not while frames take longer than 50 ms.
 */
import { reactionPaths } from "../ui/reaction-paths.ts";
import type { ReactionSend } from "../wire/contract.gen.ts";
import { particles } from "./view.ts";

export type ReactionKind = NonNullable<ReactionSend["kind"]>;
export type Counts = Readonly<Partial<Record<ReactionKind, number>>>;

const pool = 24;
const flush_ms = 1_000;
const slow_ms = 50;
const mostPerSend = 20;

export interface Reactions {
  tap(kind?: ReactionKind): void;
  /** Reactions of others, and our own echoed by the server. */
  counted(kinds: Counts): void;
  setShown(shown: boolean): void;
  attach(layer: HTMLElement): void;
}

/** Which kinds float up, one entry for each that does: never more than a few, the most frequent first, each that came at least once where there is room. */
export function flights(others: Counts): readonly ReactionKind[] {
  const kinds = (Object.entries(others) as [ReactionKind, number][]).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const all = kinds.reduce((sum, [, count]) => sum + count, 0);
  const places = particles(all);
  const chosen = kinds.slice(0, places).map(([kind, count]) => ({ kind, times: Math.max(1, Math.floor((places * count) / all)) }));
  return chosen.flatMap(({ kind, times }) => Array.from({ length: times }, () => kind)).slice(0, places);
}

export function createReactions(send: (count: number, kind: ReactionKind) => void): Reactions {
  let layer: HTMLElement | null = null;
  let shown = true;
  const waiting = new Map<ReactionKind, number>();
  const own = new Map<ReactionKind, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flying = 0;
  let slowUntil_ms = 0;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  if ("PerformanceObserver" in globalThis && PerformanceObserver.supportedEntryTypes.includes("long-animation-frame")) {
    new PerformanceObserver((list) => {
      if (list.getEntries().some((entry) => entry.duration > slow_ms)) slowUntil_ms = performance.now() + 1_000;
    }).observe({ type: "long-animation-frame" });
  }

  function float(kind: ReactionKind, delay_ms: number): void {
    if (layer === null || !shown || still.matches || document.hidden || flying >= pool || performance.now() < slowUntil_ms) return;
    const heart = picture(kind);
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
    for (const [kind, taps] of waiting) {
      const count = Math.min(taps, mostPerSend);
      own.set(kind, (own.get(kind) ?? 0) + count);
      send(count, kind);
    }
    waiting.clear();
  }

  return {
    tap: (kind = "heart") => {
      waiting.set(kind, (waiting.get(kind) ?? 0) + 1);
      float(kind, 0);
      timer ??= setTimeout(flush, flush_ms);
    },
    counted: (kinds) => {
      const others: Partial<Record<ReactionKind, number>> = {};
      for (const [kind, count] of Object.entries(kinds) as [ReactionKind, number][]) {
        const mine = own.get(kind) ?? 0;
        others[kind] = Math.max(0, count - mine);
        own.set(kind, Math.max(0, mine - count));
      }
      const flying = flights(others);
      flying.forEach((kind, n) => float(kind, (n / flying.length) * 900));
    },
    setShown: (next) => { shown = next; },
    attach: (element) => { layer = element; },
  };
}

function picture(kind: ReactionKind): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "heart");
  drawing.dataset.kind = kind;
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", reactionPaths[kind]);
  path.setAttribute("fill-rule", "evenodd");
  drawing.append(path);
  return drawing;
}
