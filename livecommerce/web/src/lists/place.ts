/** Where on a list page: kept in the address, so that reload, Back and a link in a message keep the place. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { readPlace, searchOf, type Values } from "./address.ts";

/** Methods, so that a part that knows some of the names takes the place of a page that has more. */
export interface Places<Name extends string> {
  place: ReadonlySignal<Values<Name>>;
  /** `fresh`: everything that is not named goes back to its default. */
  to(change: Partial<Values<Name>>, fresh?: boolean): Values<Name>;
  go(next: Values<Name>, replace?: boolean): void;
  /** For a link that stays on the page: a plain click goes there, any other (new tab, copy) is the browser's. */
  follow(next: Values<Name>): { href: string; onClick: (event: MouseEvent) => void };
}

export function places<Name extends string>(defaults: Values<Name>): Places<Name> {
  const read = () => readPlace(defaults, location.search);
  const current = signal(read());
  addEventListener("popstate", () => { current.value = read(); });
  const addressOf = (values: Values<Name>) => location.pathname + searchOf(defaults, values);
  const go = (next: Values<Name>, replace = false) => {
    history[replace ? "replaceState" : "pushState"](null, "", addressOf(next));
    current.value = next;
    scrollTo(0, 0);
  };
  return {
    place: current,
    to: (change, fresh = false) => ({ ...(fresh ? defaults : current.value), ...change }),
    go,
    follow: (next) => ({
      href: addressOf(next),
      onClick: (event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(next);
      },
    }),
  };
}
