/**
 * Whether a page that was there all the time shows what one shows that has just come.
 *
 * Reads cases `[{name, followed, fresh}]` on standard input: the events of the one, and those of the other. Prints
 * where they differ, as `[{name, part, followed, fresh}]`. A snapshot may have what people.list tells with it.
 * tests/livecommerce/live/page_replay.py makes the cases.
 */
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// Of this run alone: others may run beside it.
const outDir = join(root, `.cache/replay-${process.pid}`);
await build({
  root, configFile: false, logLevel: "warn",
  build: {
    ssr: true, outDir, target: "node20",
    rolldownOptions: {
      input: { state: join(root, "src/live/state.ts"), people: join(root, "src/hosting/people-state.ts") },
      output: { entryFileNames: "[name].mjs" },
    },
  },
});
const { initial, reduce } = await import(pathToFileURL(join(outDir, "state.mjs")).href);
const { peopleAfter } = await import(pathToFileURL(join(outDir, "people.mjs")).href);
const { rmSync } = await import("node:fs");
rmSync(outDir, { recursive: true, force: true });

const byId = (a, b) => (a.id < b.id ? -1 : 1);
const byPerson = (a, b) => (a.user_id < b.user_id ? -1 : 1);
/** What a page shows; not what it counts by itself, nor in which order it learned of things that have no order. */
const parts = {
  phase: (state) => state.phase,
  chat: (state) => state.chat.map(({ id, text, marks, state }) => ({ id, text, marks, state })),
  live: (state) => state.live,
  position: (state) => state.position,
  media: (state) => state.media,
  pinned: (state) => state.pinned,
  products: (state) => state.products,
  deals: (state) => [...state.deals].sort(byId),
  holds: (state) => Object.values(state.holds).filter((hold) => hold.quantity > 0 || hold.waiting > 0).sort((a, b) => (a.variant_id < b.variant_id ? -1 : 1)),
  settings: (state) => state.settings,
  pinnedMessage: (state) => state.pinnedMessage?.id ?? null,
  standing: (state) => state.standing,
  held: (state) => state.held.map((held) => held.message.id),
  engagement: ({ engagement: { gone: _, ...engagement } }) => engagement,
  viewers: (state) => state.viewers,
  sales: (state) => state.sales,
  you: (state) => state.you,
};
/** All that a page of somebody shows who was put out. */
const ofTheBanned = ["phase", "chat"];
const plain = (value) => JSON.parse(JSON.stringify(value ?? null));

function compared(name, of, one, other) {
  const [followed, fresh] = [plain(one), plain(other)];
  return isDeepStrictEqual(followed, fresh) ? [] : [{ name, part: of, followed, fresh }];
}

/** A page asks as soon as something is missing: what it is answered must come next. */
function followedBy(name, events) {
  const unasked = [];
  const state = events.reduce((before, event, at) => {
    const after = reduce(before, event);
    const next = events[at + 1]?.name;
    if (after.stale !== null && next !== "recovered" && next !== "snapshot") {
      unasked.push({ name, part: "stale", followed: { after: event.name, ...after.stale }, fresh: null });
    }
    return after;
  }, initial);
  return [state, unasked];
}

const peopleFrom = (events) => events.reduce((list, event) => event.people ?? (list === null ? null : peopleAfter(list, event)), null);
const inOrder = (list) => list && { members: [...list.members].sort(byPerson), moderators: [...list.moderators].sort(byPerson), terms: list.terms };

const differing = [];
for (const { name, followed, fresh } of JSON.parse(await text(process.stdin))) {
  const [one, unasked] = followedBy(name, followed);
  const other = fresh.reduce(reduce, initial);
  const shown = other.phase === "banned" ? ofTheBanned : Object.keys(parts);
  differing.push(...unasked, ...shown.flatMap((part) => compared(name, part, parts[part](one), parts[part](other))));
  const people = peopleFrom(fresh);
  if (people !== null) differing.push(...compared(name, "people", inOrder(peopleFrom(followed)), inOrder(people)));
}
console.log(JSON.stringify(differing));
