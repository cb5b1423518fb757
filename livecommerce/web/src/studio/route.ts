/** Where in the studio: kept in the address, so that reload and Back keep the place. */
import { signal } from "@preact/signals";

export type Route = { view: "list" } | { view: "links" } | { view: "edit"; id: string | null } | { view: "room"; id: string } | { view: "figures"; id: string };

function read(): Route {
  const query = new URLSearchParams(location.search);
  const live = query.get("live");
  if (live) return { view: "room", id: live };
  const counted = query.get("figures");
  if (counted) return { view: "figures", id: counted };
  if (query.has("links")) return { view: "links" };
  if (query.has("edit")) return { view: "edit", id: query.get("edit") || null };
  return { view: "list" };
}

export const route = signal<Route>(read());

/** While set and true, nothing leaves the place by accident; `stay` then says why. */
let stay: { wanted: () => boolean; say: (leave: () => void) => void } | null = null;

/** Ask before the place is left; returns the undo. */
export function guardLeaving(wanted: () => boolean, say: (leave: () => void) => void): () => void {
  const mine = { wanted, say };
  stay = mine;
  return () => { if (stay === mine) stay = null; };
}

addEventListener("popstate", () => {
  const next = read();
  if (!stay?.wanted()) {
    route.value = next;
    return;
  }
  history.pushState(null, "", addressOf(route.value));
  stay.say(() => { stay = null; go(next); });
});

function addressOf(place: Route): string {
  const query = place.view === "room" ? `?live=${place.id}` : place.view === "edit" ? `?edit=${place.id ?? ""}` : place.view === "figures" ? `?figures=${place.id}` : place.view === "links" ? "?links" : "";
  return `/studio${query}`;
}

export function go(next: Route, replace = false): void {
  if (stay?.wanted()) return stay.say(() => { stay = null; go(next, replace); });
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(next));
  route.value = next;
  scrollTo(0, 0);
}
