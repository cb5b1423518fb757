/** Where on a support page: kept in the address, so that reload, Back and a link in a message keep the place. */
import { signal, type ReadonlySignal } from "@preact/signals";

export interface Place {
  /** The query that is open; null for the list. */
  query: string | null;
  /** Opening a new one; the order it is about, or "". */
  about: string | null;
}

function read(): Place {
  const search = new URLSearchParams(location.search);
  return { query: search.get("query"), about: search.get("new") };
}

const current = signal<Place>(read());
export const place: ReadonlySignal<Place> = current;

addEventListener("popstate", () => { current.value = read(); });

export function addressOf({ query, about }: Place): string {
  const search = query !== null ? `?query=${query}` : about !== null ? `?new=${about}` : "";
  return `${location.pathname}${search}`;
}

export function go(next: Place, replace = false): void {
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(next));
  current.value = next;
  scrollTo(0, 0);
}

export const list: Place = { query: null, about: null };

/** For a link that stays on the page: a plain click goes there, any other (new tab, copy) is the browser's. */
export function follow(next: Place): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: addressOf(next),
    onClick: (event) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(next);
    },
  };
}
