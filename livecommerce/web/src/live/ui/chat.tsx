/**
 * The chat list, for viewers and for the studio.
 *
 * It follows the newest line unless the person has scrolled up; then it holds still and a pill counts what is new.
 * For those who keep order it also holds still under their pointer and while a message is being dealt with: nobody
 * hits the wrong one because the list moved.
 */
import { computed, useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { mayModerate } from "../chat-state.ts";
import type { ChatLine } from "../state.ts";
import type { Store } from "../store.ts";
import { Line } from "./line.tsx";

const drawn = 200;
/** Who came is told for a while, then nobody asks any more. */
const joined_ms = 5_000;

interface ChatProps {
  store: Store;
  readAloud?: ReadonlySignal<boolean>;
  /** The live session is over: nobody is invited to write. */
  closed: boolean;
  /** Goes on with a product that was claimed in the chat. */
  onOpen?: (product_id: string) => void;
  /** What can be done with a message is asked for. */
  onLine: (line: ChatLine) => void;
  /** A message is being dealt with. */
  busy: boolean;
}

export function Chat({ store, readAloud, closed, onOpen, onLine, busy }: ChatProps) {
  const t = words.value;
  const lines = useMemo(() => computed(() => store.state.value.chat), [store]);
  const list = useRef<HTMLDivElement | null>(null);
  const following = useSignal(true);
  const pointed = useSignal(false);
  const seen = useRef<ChatLine | undefined>(undefined);
  const shown = useComputed(() => lines.value.slice(-drawn));
  const last = lines.value.at(-1);
  const keepsOrder = mayModerate(store.state.value, store.state.value.you.is_host);
  const still = busy || (pointed.value && keepsOrder);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const own = last?.state === "pending" && last !== seen.current;
    if ((following.value && !still) || own) {
      element.scrollTop = element.scrollHeight;
      following.value = true;
      seen.current = last;
    }
  }, [last, lines.value.length, still]);

  // The box shrinks when the keyboard opens or a pin appears: the end stays the end.
  useEffect(() => {
    const element = list.current!;
    const watch = new ResizeObserver(() => {
      if (following.value) element.scrollTop = element.scrollHeight;
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const onScroll = () => {
    const element = list.current;
    if (!element) return; // The last event of a list that is gone.
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    if (still) return;
    if (atEnd !== following.value) following.value = atEnd;
    if (atEnd) seen.current = lines.value.at(-1);
  };
  const missed = (following.value && !still) || !seen.current ? 0 : lines.value.length - 1 - lines.value.findLastIndex((line) => line.id === seen.current!.id);

  return (
    <div class="chat">
      <PinnedMessage store={store} onLine={onLine} />
      <div ref={list} class="chat-scroll" role="log" aria-live="off" aria-label={t.chat()} tabIndex={0} onScroll={onScroll}
        onPointerEnter={(event) => { pointed.value = event.pointerType === "mouse"; }} onPointerLeave={() => { pointed.value = false; }}>
        {shown.value.length === 0 && !closed ? <p class="chat-empty">{t.chatEmpty()}</p> : null}
        <ol class="chat-list" onKeyDown={walk}>
          {shown.value.map((line, at) => (
            <Line key={line.id} line={line} store={store} onOpen={onOpen} onLine={onLine} isWay={at === shown.value.length - 1} />
          ))}
        </ol>
        <Joined store={store} list={list} following={following} />
      </div>
      {missed > 0 ? (
        <button type="button" class="new-pill" onClick={() => {
          following.value = true;
          pointed.value = false;
          list.current!.scrollTop = list.current!.scrollHeight;
        }}>
          <Icon name="down" />{t.newLines({ count: missed })}
        </button>
      ) : null}
      {readAloud ? <Aloud lines={lines} on={readAloud} /> : null}
    </div>
  );
}

/** Up and down go from message to message: only the newest is on the way of Tab. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>(".line-more")];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const next = buttons[at + (event.key === "ArrowUp" ? -1 : 1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

function PinnedMessage({ store, onLine }: { store: Store; onLine: ChatProps["onLine"] }) {
  const t = words.value;
  const message = store.state.value.pinnedMessage;
  const whole = useSignal(false);
  useEffect(() => { whole.value = false; }, [message?.id]);
  if (message === null) return null;
  const keepsOrder = mayModerate(store.state.value, store.state.value.you.is_host);
  return (
    <section class="pinned-message" aria-label={t.pinnedMessage()} data-testid={ids.pinnedMessage} data-message-id={message.id} data-whole={whole.value}>
      <Icon name="pin" />
      <button type="button" class="pinned-text" aria-expanded={whole.value} onClick={() => { whole.value = !whole.value; }}>
        <b><bdi>{message.name}</bdi></b> <bdi dir="auto">{message.text}</bdi>
      </button>
      {keepsOrder ? (
        <button type="button" class="line-more" aria-label={t.lineMore({ name: message.name })} onClick={() => onLine({ ...message, state: "sent" })}><Icon name="more" /></button>
      ) : null}
    </section>
  );
}

/** "12 joined" below the newest line, for a moment; in a crowd the server does not tell. */
function Joined({ store, list, following }: { store: Store; list: { current: HTMLElement | null }; following: ReadonlySignal<boolean> }) {
  const count = useSignal(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = store.onEvent((event) => {
      if (event.name !== "joins.counted") return;
      count.value = event.payload.count;
      clearTimeout(timer);
      timer = setTimeout(() => { count.value = 0; }, joined_ms);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store]);
  useLayoutEffect(() => { if (following.value && list.current) list.current.scrollTop = list.current.scrollHeight; }, [count.value > 0]);
  return count.value > 0 ? <p class="joined" data-testid={ids.joined}>{words.value.joined({ count: count.value })}</p> : null;
}

/** For screen readers that ask for it: at most one line in three seconds, the influencer's first, then those that name us. */
function Aloud({ lines, on }: { lines: ReadonlySignal<readonly ChatLine[]>; on: ReadonlySignal<boolean> }) {
  const spoken = useSignal("");
  const upTo = useRef(0);
  useEffect(() => {
    upTo.current = lines.peek().at(-1)?.sent_at_ms ?? 0;
    const timer = setInterval(() => {
      if (!on.value) return;
      const fresh = lines.peek().filter((line) => line.state === "sent" && line.sent_at_ms > upTo.current);
      const next = fresh.findLast((line) => line.is_host) ?? fresh.findLast((line) => (line.mentions ?? []).length > 0) ?? fresh.at(-1);
      if (!next) return;
      upTo.current = fresh.at(-1)!.sent_at_ms;
      spoken.value = `${next.name}: ${next.text}`;
    }, 3_000);
    return () => clearInterval(timer);
  }, []);
  return <p class="unseen" role="status">{on.value ? spoken.value : ""}</p>;
}
