/** Where on the orders page: kept in the address, so that reload, Back and a link in a message keep the place. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { addressOf, placeOf, type Place } from "./address.ts";

const read = () => placeOf(location.pathname, location.search);
const current = signal<Place>(read());
export const place: ReadonlySignal<Place> = current;

addEventListener("popstate", () => { current.value = read(); });

/** What is not named stays as it is; the task does not. */
export type Change = Partial<Place>;
const changed = (to: Change): Place => ({ ...current.value, task: null, ...to });

export function go(to: Change, replace = false): void {
  const next = changed(to);
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(next));
  current.value = next;
  scrollTo(0, 0);
}

/** For a link that stays on the page: a plain click goes there, any other (new tab, copy) is the browser's. */
export function follow(to: Change): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: addressOf(changed(to)),
    onClick: (event) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(to);
    },
  };
}
