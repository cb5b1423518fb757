/** The viewer page. One tree for all shapes of screen; style/live.css places it. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { money } from "../i18n/format.ts";
import { language, languageReady } from "../i18n/language.ts";
import { live as words } from "../i18n/live.ts";
import { ids } from "../testids.ts";
import { Icon } from "../ui/icon.tsx";
import { clearToast, toast, Toasts } from "../ui/toast.tsx";
import { restoring } from "../wire/identity.ts";
import { productText } from "../wire/product-text.ts";
import type { LivePage } from "./page-state.ts";
import { share } from "./share.ts";
import { isOver } from "./view.ts";
import { Chat } from "./ui/chat.tsx";
import { Composer } from "./ui/composer.tsx";
import { HoldPill } from "./ui/deals.tsx";
import { PinCard, Shelf } from "./ui/products.tsx";
import { LinkLine, SoundPill, Stage } from "./ui/stage.tsx";
import { TopBar } from "./ui/top-bar.tsx";

export function LivePageView({ page }: { page: LivePage }) {
  const t = words.value;
  const { store, stage, sheet } = page;
  const { phase, products, live } = store.state.value;
  const open = sheet.value !== null;
  const over = live !== null && isOver(live.status);
  const there = phase !== "missing" && phase !== "banned";
  useShortcuts(page);
  useTitle(page);
  useEffect(() => preloadSheets(), []);
  // A message from before would lie on what the sheet asks for.
  useEffect(() => { if (open) clearToast(); }, [open]);

  return (
    <main class="live" data-stage={stage.value} data-sheet={sheet.value?.kind ?? "none"}>
      <Stage page={page} />
      <div class="controls" inert={open}>
        <TopBar page={page} />
        {there ? <SoundPill page={page} /> : null}
        {there ? <HoldPill page={page} /> : null}
        {there ? (
          <aside class="shelf" aria-label={t.products()}>
            <h2>{t.products()}</h2>
            <Shelf page={page} />
          </aside>
        ) : null}
        {there ? <PinCard page={page} /> : null}
        {there ? (
          <section class="chat-panel" aria-label={t.chat()}>
            <h2>{t.chat()}</h2>
            <Chat store={store} closed={over} readAloud={page.readAloud} onOpen={page.openProduct}
              onLine={(line) => { sheet.value = { kind: "message", line }; }} busy={sheet.value?.kind === "message"} />
          </section>
        ) : null}
        {there ? <Together page={page} over={over} /> : null}
        {there ? (
          <div class="bar">
            <button type="button" class="bar-button bag-button" data-testid={ids.bag} aria-label={t.bag({ count: products.length })} aria-haspopup="dialog"
              onClick={() => { sheet.value = { kind: "shelf" }; }}>
              <Icon name="tag" /><span class="bag-count" aria-hidden="true">{products.length}</span>
            </button>
            <Composer store={store} draft={page.draft} replying={page.replying} signedIn={page.signedIn.value || restoring.value} closed={over} mayAsk
              onAnonymous={() => { sheet.value = { kind: "account" }; }} />
            <Heart page={page} over={over} />
            <button type="button" class="bar-button share-button" aria-label={t.share()} onClick={() => void share(page)}><Icon name="share" /></button>
          </div>
        ) : null}
      </div>
      <LinkLine page={page} />
      <Sheets page={page} />
      <Announcer page={page} />
      <Toasts />
    </main>
  );
}

function Heart({ page, over }: { page: LivePage; over: boolean }) {
  const t = words.value;
  const tap = () => {
    if (page.signedIn.value) page.reactions.tap();
    else toast(t.reactAnonymous(), { label: common.value.logIn(), run: () => { page.sheet.value = { kind: "account" }; } });
  };
  return (
    <button type="button" class="bar-button heart-button" data-testid={ids.reaction} aria-label={t.react()} disabled={over} onClick={tap}>
      <Icon name="heart" filled />
    </button>
  );
}

/** Questions, polls, giveaways and the other reactions: a chunk of its own, fetched when the page has its picture or is idle. */
function Together({ page, over }: { page: LivePage; over: boolean }) {
  const View = useSignal<ComponentType<{ page: LivePage; over: boolean }> | null>(null);
  const wanted = useComputed(() => {
    const { engagement } = page.store.state.value;
    return page.hasPlayed.value || engagement.poll !== null || engagement.giveaway !== null;
  });
  useSignalEffect(() => {
    if (!wanted.value || View.peek()) return;
    void import("./ui/together.tsx").then(async (module) => {
      await languageReady();
      View.value = module.Together;
    }, () => undefined);
  });
  return View.value ? <View.value page={page} over={over} /> : null;
}

const sheets = {
  buy: () => import("../buy/buy-sheet.tsx").then((module) => module.BuySheet),
  menu: () => import("./ui/menu.tsx").then((module) => module.Menu),
  shelf: () => import("./ui/side-sheets.tsx").then((module) => module.ShelfSheet),
  bag: () => import("../cart/bag-sheet.tsx").then((module) => module.BagSheet),
  account: () => import("./ui/side-sheets.tsx").then((module) => module.AccountSheet),
  message: () => import("../hosting/message-sheet.tsx").then((module) => module.MessageSheet),
  hosting: () => import("../hosting/hosting-sheet.tsx").then((module) => module.HostingSheet),
  questions: () => import("./ui/questions.tsx").then((module) => module.QuestionsSheet),
  draw: () => import("./ui/giveaway.tsx").then((module) => module.DrawSheet),
};

function preloadSheets(): void {
  const load = () => void Promise.all([sheets.buy(), sheets.shelf()]).then(languageReady).catch(() => undefined);
  if ("requestIdleCallback" in globalThis) requestIdleCallback(load, { timeout: 5_000 });
  else setTimeout(load, 2_000);
}

/** Sheets are chunks of their own, fetched when the page is idle and shown when they have come. */
function Sheets({ page }: { page: LivePage }) {
  const open = page.sheet.value;
  const loaded = useSignal<{ kind: string; View: ComponentType<any> } | null>(null);
  const close = () => { page.sheet.value = null; };
  useSignalEffect(() => {
    const wanted = page.sheet.value?.kind;
    if (!wanted || loaded.peek()?.kind === wanted) return;
    sheets[wanted]()
      .then(async (View: ComponentType<any>) => {
        await languageReady();
        if (page.sheet.peek()?.kind === wanted) loaded.value = { kind: wanted, View };
      })
      .catch(() => {
        page.sheet.value = null;
        toast(common.value.newVersion(), { label: common.value.reload(), run: () => location.reload() });
      });
  });
  if (open === null || loaded.value?.kind !== open.kind) return null;
  const { View } = loaded.value;
  if (open.kind === "buy") return <View page={page} product_id={open.product_id} key={open.product_id} />;
  return open.kind === "message" ? <View page={page} line={open.line} onClose={close} key={open.line.id} /> : <View page={page} onClose={close} />;
}

/** One polite line for pins, announcements, polls, giveaways and how the chat is written; never more than one in five seconds. */
function Announcer({ page }: { page: LivePage }) {
  const line = useComputed(() => {
    const t = words.value;
    const { poll, giveaway } = page.store.state.value.engagement;
    const product = page.pinned.value;
    const announced = page.announced.value;
    return [
      product ? t.pinnedNow({ name: productText(product, language.value).name.text, price: money(language.value, product.price_minor) }) : "",
      announced === null ? "" : t.announcedNow({ text: announced }),
      poll !== null && poll.closed_at_ms === null ? t.pollNow({ question: poll.question }) : "",
      giveaway !== null && giveaway.drawn_at_ms === null ? t.giveawayNow({ prize: giveaway.prize }) : "",
      giveaway !== null && giveaway.winners.length > 0 ? t.drawnNow({ names: giveaway.winners.map((winner) => winner.name).join(", ") }) : "",
    ].filter((one) => one !== "").join(" ");
  });
  const spoken = useSignal("");
  const quietUntil_ms = useRef(0);
  useSignalEffect(() => {
    const next = line.value;
    const wait_ms = Math.max(0, quietUntil_ms.current - performance.now());
    const timer = setTimeout(() => {
      spoken.value = next;
      quietUntil_ms.current = performance.now() + 5_000;
    }, wait_ms);
    return () => clearTimeout(timer);
  });
  return <p class="unseen" role="status">{spoken.value}</p>;
}

function useShortcuts(page: LivePage): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
      if (!page.shortcuts.value || typing || event.ctrlKey || event.metaKey || event.altKey || page.sheet.value) return;
      const act = keys[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act(page);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

const keys: Record<string, (page: LivePage) => void> = {
  m: ({ player }) => player.setMuted(!player.muted.value),
  c: () => document.querySelector<HTMLElement>(".composer-input")?.focus(),
  b: (page) => { if (page.pinned.value) page.openProduct(page.pinned.value.id); },
};

function useTitle(page: LivePage): void {
  useSignalEffect(() => {
    const { live } = page.store.state.value;
    if (live) document.title = `${live.title} · ${live.influencer.display_name} · ${common.value.brand()}`;
  });
}
