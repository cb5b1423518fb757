import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import { initial } from "../src/live/state.ts";
import type { Recovered, Snapshot } from "../src/wire/contract.gen.ts";
import type { Refusal, Reply } from "../src/wire/rest.ts";
import type { Connection, Link } from "../src/wire/socket.ts";
import { chatState, engagement, id } from "./fixtures.ts";

// What the modules behind the store take from a browser as they are loaded.
Object.assign(globalThis, { document: { addEventListener: () => undefined } });
Reflect.deleteProperty(globalThis, "BroadcastChannel");
const { openStore } = await import("../src/live/store.ts");

const snapshot = (viewers: number): Snapshot => ({
  live_session: {
    id: id(1), title: "Sarees", description: "", status: "live", influencer: { id: id(2), display_name: "Asha" },
    scheduled_start_at_ms: null, started_at_ms: null, ended_at_ms: null,
  },
  position: { epoch: "e1", offset: 10 }, media: initial.media, pinned: null, products: [], deals: [], holds: [], chat: [], viewers, you: initial.you,
  server_time_ms: 0, terms: { chat_max_chars: 200, shipping_minor: 0, cod_fee_minor: 0, hold_policy: "hold", hold_ttl_s: 600, claim_keyword: "SOLD" },
  sales: null, chat_state: chatState(), engagement,
});
const recovered = (viewers: number, offset: number): Recovered => ({
  events: [], position: { epoch: "e1", offset }, is_complete: true, snapshot: null, viewers, you: initial.you, holds: [], sales: null,
  standing: initial.standing, mine: engagement.mine, server_time_ms: 0,
});

/** The server's side in a test's hand: what was asked, to be answered whenever it likes. */
function serverSide() {
  const asked: { event: string; payload: unknown; answer: (reply: Reply<never>) => void }[] = [];
  const opened: (() => void)[] = [];
  const connection = {
    link: signal<Link>("open"), lostSince: signal(null), closing: signal(null),
    call: (event: string, payload: unknown) => new Promise((resolve) => asked.push({ event, payload, answer: resolve as never })),
    onOpen: (listener: () => void) => void opened.push(listener), onIdentity: () => undefined,
    close: () => undefined, reopen: () => undefined,
  } as unknown as Connection;
  const heard = new Map<string, (payload: never) => void>();
  const replied = async (at: number, reply: unknown) => {
    asked[at]!.answer(reply as Reply<never>);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const answer = (at: number, ok: unknown) => replied(at, { ok });
  const refuse = (at: number, refused: Refusal) => replied(at, { refused });
  const hears = (name: string, payload: object) => heard.get(name)!({ live_session_id: id(1), epoch: "e1", ...payload } as never);
  Object.assign(connection, { on: (name: string, listener: (payload: never) => void) => void heard.set(name, listener) });
  return { connection, asked, answer, refuse, hears, open: () => opened.forEach((listener) => listener()) };
}

test("an answer to what the connection before had asked changes nothing", async () => {
  const server = serverSide();
  const store = openStore(id(1), server.connection);
  server.open();
  await server.answer(0, snapshot(3));
  server.open();
  server.open();
  assert.deepEqual(server.asked.map(({ event }) => event), ["session.join", "session.recover", "session.recover"]);
  await server.answer(2, recovered(5, 30));
  await server.answer(1, recovered(4, 20));
  assert.deepEqual([store.state.value.viewers, store.state.value.position?.offset], [5, 30]);
  store.close();
});

test("an answer that comes when the page was left changes nothing", async () => {
  const server = serverSide();
  const store = openStore(id(1), server.connection);
  server.open();
  store.close();
  await server.answer(0, snapshot(3));
  assert.equal(store.state.value.phase, "joining");
});

test("what came while a later page of what was missed failed is asked for again", async (test) => {
  test.mock.timers.enable({ apis: ["setTimeout"] });
  const server = serverSide();
  const store = openStore(id(1), server.connection);
  test.after(store.close);
  server.open();
  await server.answer(0, snapshot(3));
  server.hears("sync.gap", { position: { epoch: "e1", offset: 10 } });
  server.hears("product.pinned", { offset: 30, product_id: id(5) });
  await server.answer(1, { ...recovered(4, 20), is_complete: false });
  await server.refuse(2, { code: "service.unavailable", message: "", retry_after_s: 5 });
  server.hears("product.pinned", { offset: 31, product_id: id(6) });
  assert.equal(server.asked.length, 3, "nothing is asked before the server wants to be asked");
  test.mock.timers.tick(5_000);
  assert.deepEqual(server.asked.slice(3).map(({ event, payload }) => [event, (payload as { position: unknown }).position]), [
    ["session.recover", { epoch: "e1", offset: 20 }],
  ]);
  await server.answer(3, recovered(4, 31));
  assert.deepEqual([store.state.value.position?.offset, store.state.value.stale], [31, null]);
});
