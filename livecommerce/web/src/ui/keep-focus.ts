/**
 * Whoever works by keyboard keeps their place when what they pressed is gone: taken away with its line or its step, or
 * switched off. Browsers drop the focus to the top of the page then, and a reader hears nothing.
 *
 * The keyboard goes on at the heading of the nearest part that is still there, or, where a control was only switched
 * off, at its neighbour. A part that knows better moves the focus itself, and sooner.
 */

/** Parts move their own focus after they have been drawn. */
const patience_ms = 60;
const parts = "section, article, form, main";

const isOff = (it: HTMLElement): boolean => it.matches(":disabled");

/** Watch over a part of the page; the answer ends it. */
export function keepFocus(root: HTMLElement): () => void {
  let held: HTMLElement | null = null;
  let around: readonly HTMLElement[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const onFocus = ({ target }: FocusEvent) => {
    held = target instanceof HTMLElement && root.contains(target) ? target : null;
    around = held ? partsAround(held) : [];
  };
  // Who points elsewhere leaves of their own will; what is taken away is no longer there a moment later.
  const onBlur = ({ target }: FocusEvent) => setTimeout(() => {
    if (held === target && held?.isConnected && !isOff(held) && document.activeElement !== held) held = null;
  });
  const look = () => {
    if (held === null || document.activeElement !== document.body || (held.isConnected && !isOff(held))) return;
    const home = isOff(held) && held.isConnected ? neighbour(held) : null;
    const heading = around.find((part) => part.isConnected && headingOf(part));
    (home ?? (heading && headingOf(heading)) ?? headingOf(root))?.focus({ preventScroll: true });
  };
  const watch = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(look, patience_ms);
  });
  document.addEventListener("focusin", onFocus);
  document.addEventListener("focusout", onBlur);
  watch.observe(root, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  return () => {
    clearTimeout(timer);
    watch.disconnect();
    document.removeEventListener("focusin", onFocus);
    document.removeEventListener("focusout", onBlur);
  };
}

function partsAround(it: HTMLElement): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let part = it.closest<HTMLElement>(parts); part; part = part.parentElement?.closest<HTMLElement>(parts) ?? null) found.push(part);
  return found;
}

function headingOf(part: HTMLElement): HTMLElement | null {
  const heading = part.querySelector<HTMLElement>("h1, h2, h3");
  heading?.setAttribute("tabindex", "-1");
  return heading;
}

const neighbour = (it: HTMLElement): HTMLElement | null => it.closest("[role=group]")?.querySelector<HTMLElement>("button:not(:disabled)") ?? null;
