import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { clientId } from "../src/wire/client-id.ts";

const kept = new Map<string, string>();
Object.defineProperty(globalThis, "localStorage", {
  configurable: true,
  value: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => kept.set(name, text) },
});

test("a browser calls itself the same for a day, and something else after it", () => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const first = clientId();
  mock.timers.tick(23 * 3_600_000);
  assert.equal(clientId(), first);
  mock.timers.tick(2 * 3_600_000);
  const second = clientId();
  assert.notEqual(second, first);
  assert.equal((JSON.parse(kept.get("lc-client")!) as { id: string }).id, second);
  mock.timers.tick(25 * 3_600_000);
  kept.set("lc-client", JSON.stringify({ id: "not one of ours", since_ms: Date.now() }));
  assert.match(clientId(), /^[0-9a-f-]{36}$/);
  mock.timers.reset();
});
