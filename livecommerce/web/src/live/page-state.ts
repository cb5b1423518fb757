/** Everything the viewer page's components share: the store, the player, and what is open. */
import { computed, effect, signal } from "@preact/signals";
import { language } from "../i18n/language.ts";
import { live as words } from "../i18n/live.ts";
import { toast } from "../ui/toast.tsx";
import type { Hold } from "../wire/contract.gen.ts";
import { noteProductOpened } from "../cart/touch.ts";
import { accessToken, person } from "../wire/identity.ts";
import { productText } from "../wire/product-text.ts";
import { newId } from "../wire/id.ts";
import { createPlayer } from "./player.ts";
import { createReactions } from "./reactions.ts";
import { connect } from "../wire/socket.ts";
import type { ChatLine } from "./state.ts";
import { openStore, pinnedProduct } from "./store.ts";
import { stageState, type StageState } from "./view.ts";

export type OpenSheet =
  | { kind: "buy"; product_id: string }
  | { kind: "shelf" }
  | { kind: "bag" }
  | { kind: "menu" }
  | { kind: "message"; line: ChatLine }
  | { kind: "questions" }
  | { kind: "draw" }
  | { kind: "hosting" }
  | { kind: "account" };

/** A switch that the person's device remembers. */
function remembered(name: string, initially: boolean) {
  const key = `lc-${name}`;
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(key);
  } catch {
    // Without storage the switch lasts for this page.
  }
  const value = signal(kept === null ? initially : kept === "1");
  effect(() => {
    try {
      localStorage.setItem(key, value.value ? "1" : "0");
    } catch {
      // As above.
    }
  });
  return value;
}

export function openLivePage(live_session_id: string) {
  const connection = connect();
  const player = createPlayer(live_session_id, connection);
  // Before the store's own: the picture is asked for first, since everything else waits behind it.
  connection.onOpen(() => player.linkOpened());
  const store = openStore(live_session_id, connection);
  const online = signal(navigator.onLine);
  const sheet = signal<OpenSheet | null>(null);
  const draft = signal("");
  const replying = signal<ChatLine | null>(null);
  /** The text of the newest announcement that came while this page was open. */
  const announced = signal<string | null>(null);
  const hasPlayed = signal(false);
  const hearts = remembered("hearts", true);
  const shortcuts = remembered("shortcuts", true);
  const readAloud = remembered("read-aloud", false);

  const reactions = createReactions((count, kind) => {
    void store.connection.call("reaction.send", { live_session_id, count, kind }, { timeout_ms: 4_000 });
  });
  effect(() => reactions.setShown(hearts.value));

  function openProduct(product_id: string): void {
    if (sheet.peek()?.kind === "buy") return;
    sheet.value = { kind: "buy", product_id };
    noteProductOpened(product_id);
    void store.connection.call("product.click", { live_session_id, product_id, id: newId() }, { timeout_ms: 20_000, repeat: true });
  }

  /** Told once: the waitlist has come to this person, or what he claimed came free. */
  function tellOfTurn({ variant_id, quantity, is_turn }: Hold): void {
    if (!is_turn || quantity === 0) return;
    const product = store.state.peek().products.find((one) => one.variants.some((variant) => variant.id === variant_id));
    if (!product) return;
    const name = productText(product, language.peek()).name.text;
    toast(words.peek().turn({ count: quantity, name }), { label: words.peek().buy(), run: () => openProduct(product.id) });
  }

  store.onEvent((event) => {
    if (event.name === "hold.changed") tellOfTurn(event.payload.hold);
    if (event.name === "snapshot") player.setHeld(event.payload.live_session.status === "paused");
    if (event.name === "session.paused") player.setHeld(true);
    if (event.name === "session.resumed" || event.name === "session.started") player.setHeld(false);
    if (event.name === "reactions.counted") reactions.counted(event.payload.kinds);
    if (event.name === "chat.announced") announced.value = event.payload.message.text;
    if (event.name === "giveaway.won") toast(words.peek().won({ prize: event.payload.prize }));
    if (event.name === "person.banned" || event.name === "banned") {
      sheet.value = null;
      player.close();
    }
  });
  const media = computed(() => {
    const { phase, media, live } = store.state.value;
    return phase === "ready" && live && live.status !== "scheduled" ? media : null;
  });
  effect(() => { if (media.value) player.setMedia(media.value); });
  effect(() => { if (player.state.value === "playing") hasPlayed.value = true; });

  const stage = computed<StageState>(() => stageState({
    phase: store.state.value.phase,
    status: store.state.value.live?.status ?? null,
    player: player.state.value,
    blocked: player.blocked.value,
    online: online.value,
    hasPlayed: hasPlayed.value,
  }));

  addEventListener("online", () => { online.value = true; });
  addEventListener("offline", () => { online.value = false; });
  // A connected peer keeps the page out of the back-forward cache, so both connections close with the page.
  addEventListener("pagehide", () => {
    player.close();
    store.connection.close();
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    player.reopen();
    store.connection.reopen();
  });

  return {
    store, player, reactions, stage, sheet, draft, replying, announced, online, hasPlayed, hearts, shortcuts, readAloud,
    pinned: pinnedProduct(store),
    signedIn: computed(() => person.value !== null || accessToken.value !== null),
    /** Open a product's sheet; a tap counts once. */
    openProduct,
  };
}

export type LivePage = ReturnType<typeof openLivePage>;
