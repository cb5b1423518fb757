/**
 * Whether the page's state after a snapshot and the events that followed is that after a fresh snapshot.
 *
 * Reads cases `[{name, before, events: [{name, payload}], after}]` on standard input, prints those that differ
 * as `[{name, part, followed, fresh}]`. tests/livecommerce/live/test_state_property.py makes the cases.
 */
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outDir = join(root, ".cache/replay");
await build({
  root, configFile: false, logLevel: "warn",
  build: {
    ssr: true, outDir, target: "node20",
    rolldownOptions: { input: { state: join(root, "src/live/state.ts") }, output: { entryFileNames: "[name].mjs" } },
  },
});
const { initial, reduce } = await import(pathToFileURL(join(outDir, "state.mjs")).href);

const byId = (a, b) => (a.id < b.id ? -1 : 1);
/** What a page shows; not what it counts by itself, nor in which order it learned of things that have no order. */
const parts = {
  live: (state) => state.live,
  position: (state) => state.position,
  media: (state) => state.media,
  pinned: (state) => state.pinned,
  products: (state) => state.products,
  deals: (state) => [...state.deals].sort(byId),
  chat: (state) => state.chat.map(({ id, text, marks }) => ({ id, text, marks })),
  settings: (state) => state.settings,
  pinnedMessage: (state) => state.pinnedMessage?.id ?? null,
  held: (state) => state.held.map((held) => held.message.id),
  engagement: (state) => state.engagement,
  phase: (state) => state.phase,
};
const plain = (value) => JSON.parse(JSON.stringify(value ?? null));

const differing = [];
for (const { name, before, events, after } of JSON.parse(await text(process.stdin))) {
  const followed = events.reduce(reduce, reduce(initial, { name: "snapshot", payload: before }));
  const fresh = reduce(initial, { name: "snapshot", payload: after });
  for (const [part, of] of Object.entries(parts)) {
    const one = plain(of(followed));
    const other = plain(of(fresh));
    if (!isDeepStrictEqual(one, other)) differing.push({ name, part, followed: one, fresh: other });
  }
}
console.log(JSON.stringify(differing));
