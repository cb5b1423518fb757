/**
 * The chat list, for viewers and for the studio.
 *
 * It follows the newest line unless the person has scrolled up or is inside it; then it holds still and a pill
 * counts what is new. Text is only ever a text node.
 */
import { computed, useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { live as words } from "../../i18n/live.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import type { ChatLine } from "../state.ts";
import type { Store } from "../store.ts";
import { ClaimNote } from "./claim.tsx";

const drawn = 200;

interface ChatProps {
  store: Store;
  readAloud?: ReadonlySignal<boolean>;
  canDelete: boolean;
  /** The live session is over: nobody is invited to write. */
  closed: boolean;
  /** Goes on with a product that was claimed in the chat. */
  onOpen?: (product_id: string) => void;
}

export function Chat({ store, readAloud, canDelete, closed, onOpen }: ChatProps) {
  const t = words.value;
  const lines = useMemo(() => computed(() => store.state.value.chat), [store]);
  const list = useRef<HTMLDivElement | null>(null);
  const following = useSignal(true);
  const seen = useRef<ChatLine | undefined>(undefined);
  const shown = useComputed(() => lines.value.slice(-drawn));
  const last = lines.value.at(-1);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const own = last?.state === "pending" && last !== seen.current;
    if (following.value || own) {
      element.scrollTop = element.scrollHeight;
      following.value = true;
      seen.current = last;
    }
  }, [last, lines.value.length]);

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
    const element = list.current!;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    if (atEnd !== following.value) following.value = atEnd;
    if (atEnd) seen.current = lines.value.at(-1);
  };
  const missed = following.value || !seen.current ? 0 : lines.value.length - 1 - lines.value.findLastIndex((line) => line.id === seen.current!.id);

  return (
    <div class="chat">
      <div ref={list} class="chat-scroll" role="log" aria-live="off" aria-label={t.chat()} tabIndex={0} onScroll={onScroll}>
        {shown.value.length === 0 && !closed ? <p class="chat-empty">{t.chatEmpty()}</p> : null}
        <ol class="chat-list">
          {shown.value.map((line) => <Line key={line.id} line={line} store={store} canDelete={canDelete} onOpen={onOpen} />)}
        </ol>
      </div>
      {missed > 0 ? (
        <button type="button" class="new-pill" onClick={() => {
          following.value = true;
          list.current!.scrollTop = list.current!.scrollHeight;
        }}>
          <Icon name="down" />{t.newLines({ count: missed })}
        </button>
      ) : null}
      {readAloud ? <Aloud lines={lines} on={readAloud} /> : null}
    </div>
  );
}

function Line({ line, store, canDelete, onOpen }: { line: ChatLine; store: Store; canDelete: boolean; onOpen: ChatProps["onOpen"] }) {
  const t = words.value;
  const claim = store.state.value.claims[line.id];
  const own = line.author_id !== "" && line.author_id === store.state.value.you.user_id;
  return (
    <li class="line" data-testid={ids.chatLine} data-line={line.state} data-message-id={line.id} data-host={line.is_host} data-own={own}>
      <p class="line-text">
        <b class="line-name"><bdi>{line.name}</bdi>{line.is_host ? <span class="host-badge">{t.host()}</span> : null}</b>{" "}
        <bdi dir="auto">{line.text}</bdi>
        {line.state === "pending" ? <span class="line-note">{t.linePending()}</span> : null}
      </p>
      {claim ? <ClaimNote claim={claim} store={store} onOpen={onOpen} /> : null}
      {line.state === "refused" && line.refusal ? (
        <p class="line-refused" role="alert">
          {chatRefusal(line, store)}
          <button type="button" class="link-button" onClick={() => store.sayAgain(line)}>{t.lineRetry()}</button>
          <button type="button" class="link-button" onClick={() => store.drop(line)}>{t.lineDrop()}</button>
        </p>
      ) : null}
      {canDelete && line.state === "sent" ? (
        <button type="button" class="line-delete" data-testid={ids.chatDelete} aria-label={t.lineDelete({ name: line.name })}
          onClick={() => void store.connection.call("chat.delete", { live_session_id: store.id, message_id: line.id })}>
          <Icon name="trash" />
        </button>
      ) : null}
    </li>
  );
}

function chatRefusal(line: ChatLine, store: Store): string {
  const t = words.value;
  const refusal = line.refusal!;
  switch (refusal.code) {
    case "chat.too_long":
      return t.chatTooLong({ max: store.state.value.chatMaxChars });
    case "rate.limited":
      return t.chatSlow({ seconds: Math.ceil(refusal.retry_after_s ?? 1) });
    case "session.wrong_state":
      return t.chatOver();
    default:
      return refusalText(refusal);
  }
}

/** For screen readers that ask for it: at most one line in three seconds, the influencer's first. */
function Aloud({ lines, on }: { lines: ReadonlySignal<readonly ChatLine[]>; on: ReadonlySignal<boolean> }) {
  const spoken = useSignal("");
  const upTo = useRef(0);
  useEffect(() => {
    upTo.current = lines.peek().at(-1)?.sent_at_ms ?? 0;
    const timer = setInterval(() => {
      if (!on.value) return;
      const fresh = lines.peek().filter((line) => line.state === "sent" && line.sent_at_ms > upTo.current);
      const next = fresh.findLast((line) => line.is_host) ?? fresh.at(-1);
      if (!next) return;
      upTo.current = fresh.at(-1)!.sent_at_ms;
      spoken.value = `${next.name}: ${next.text}`;
    }, 3_000);
    return () => clearInterval(timer);
  }, []);
  return <p class="unseen" role="status">{on.value ? spoken.value : ""}</p>;
}
