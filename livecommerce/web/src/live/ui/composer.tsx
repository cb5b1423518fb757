/** The field to write in: it says who may write now and from when on, whom one answers, and turns a message into a question. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { countdown } from "../../i18n/format.ts";
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toast.tsx";
import { chatRefusal } from "../chat-refusal.ts";
import type { ChatLine } from "../state.ts";
import type { Store } from "../store.ts";
import { questionIn, writing, type Writing } from "../writing.ts";
import { useServerTime } from "./deals.tsx";
import { follow } from "./follow.tsx";

interface ComposerProps {
  store: Store;
  draft: Signal<string>;
  /** The message that is answered. */
  replying: Signal<ChatLine | null>;
  /** Called instead of sending when nobody is signed in; the draft stays. */
  onAnonymous?: () => void;
  signedIn: boolean;
  closed?: boolean;
  /** The influencer asks nobody. */
  mayAsk?: boolean;
}

/** Characters as people count them are near enough to code points; the hub counts those. */
const length = (text: string) => [...text].length;

export function Composer({ store, draft, replying, onAnonymous, signedIn, closed = false, mayAsk = false }: ComposerProps) {
  const t = words.value;
  const state = store.state.value;
  const noteId = useId();
  const input = useRef<HTMLInputElement | null>(null);
  const asking = useSignal(false);
  const counts = signedIn && (state.writeFrom_ms > 0 || state.standing.muted_until_ms !== null);
  const now_ms = useServerTime(store, counts);
  const allowed = writing(state, state.you.is_host, closed, counts ? now_ms : store.now_ms());
  const asks = mayAsk && asking.value;
  const max = state.chatMaxChars;
  const left = max - length(draft.value.trim());
  const maySend = allowed.maySend || (asks && allowed.mayType);
  const note = modeNote(allowed, now_ms, store);
  const name = state.live?.influencer.display_name ?? "";
  // Whoever answers goes on in the field.
  useEffect(() => { if (replying.value) input.current?.focus(); }, [replying.value]);

  const send = () => {
    const text = draft.value.trim();
    if (text === "" || left < 0) return;
    if (!signedIn) return onAnonymous?.();
    const question = asks ? text : mayAsk ? questionIn(text) : null;
    if (question === "" || (question === null && !allowed.maySend)) return;
    draft.value = "";
    if (question !== null) return void ask(store, question, draft, asking);
    void store.say(text, replying.value);
    replying.value = null;
  };
  const placeholder = closed ? t.chatOver() : !signedIn ? t.composerAnonymous() : note ?? (asks ? t.composerQuestion({ name }) : t.composer());
  return (
    <div class="writing" data-mode={signedIn ? allowed.mode : "anonymous"} data-testid={ids.writing}>
      {replying.value ? (
        <p class="composer-reply">
          <Icon name="reply" /><span>{t.replyingTo({ name: replying.value.name })}</span>
          <button type="button" class="icon-button" aria-label={t.replyStop()} onClick={() => { replying.value = null; }}><Icon name="close" /></button>
        </p>
      ) : null}
      {signedIn && allowed.mode === "followers" ? (
        <p class="composer-reply composer-follow"><button type="button" class="link-button" onClick={() => void follow(store, true)}>{t.followName({ name })}</button></p>
      ) : null}
      <form class="composer" data-asks={asks} onSubmit={(event) => { event.preventDefault(); send(); }}>
        {mayAsk && signedIn && allowed.mayType ? (
          <button type="button" class="composer-ask" data-testid={ids.askToggle} aria-pressed={asking.value} aria-label={t.askToggle()} title={t.askToggle()}
            onMouseDown={(event) => event.preventDefault()} onClick={() => { asking.value = !asking.value; input.current?.focus(); }}><Icon name="question" /></button>
        ) : null}
        <input ref={input} class="composer-input" type="text" data-testid={ids.chatInput} value={draft.value} placeholder={placeholder}
          aria-label={asks ? t.askToggle() : t.composerLabel()} aria-describedby={note ? noteId : undefined} autocomplete="off" enterkeyhint="send" dir="auto"
          disabled={closed || (signedIn && !allowed.mayType)}
          onInput={(event) => { draft.value = event.currentTarget.value; }}
          onPointerDown={(event) => { if (!signedIn && onAnonymous) { event.preventDefault(); onAnonymous(); } }}
          onKeyDown={(event) => { if (!signedIn && onAnonymous && event.key.length === 1) { event.preventDefault(); onAnonymous(); } }} />
        {note ? <span id={noteId} class="unseen">{note}</span> : null}
        {left < 30 ? <span class="composer-left" data-over={left < 0}>{left < 0 ? t.chatTooLong({ max }) : t.charsLeft({ count: left })}</span> : null}
        {signedIn && allowed.mode === "slow" && !asks ? (
          <span class="composer-send composer-wait" data-testid={ids.slowMode} aria-hidden="true">{Math.max(0, Math.ceil((allowed.until_ms! - now_ms) / 1000))}</span>
        ) : (
          <button type="submit" class="composer-send" data-testid={ids.chatSend} aria-label={t.send()}
            // Focus stays in the field: the keyboard stays open, and nothing moves under the finger.
            onMouseDown={(event) => event.preventDefault()} disabled={closed || draft.value.trim() === "" || left < 0 || (signedIn && !maySend)}>
            <Icon name="send" />
          </button>
        )}
      </form>
    </div>
  );
}

function modeNote({ mode, until_ms }: Writing, now_ms: number, store: Store): string | null {
  const t = words.value;
  const { slow_mode_s } = store.state.value.settings;
  switch (mode) {
    case "muted":
      return t.composerMuted({ time: countdown(until_ms! - now_ms) });
    case "off":
      return t.composerOff();
    case "followers":
      return t.composerFollowers();
    case "buyers":
      return t.composerBuyers();
    case "slow":
      return t.composerSlow({ time: countdown(until_ms! - now_ms) });
    case "open":
      return slow_mode_s > 0 && !store.state.value.you.is_host ? t.composerSlowHint({ seconds: slow_mode_s }) : null;
    default:
      return null;
  }
}

async function ask(store: Store, text: string, draft: Signal<string>, asking: Signal<boolean>): Promise<void> {
  const answer = await store.ask(text);
  if (answer.ok) {
    asking.value = false;
    toast(words.value.asked());
  } else {
    // Nothing typed is lost.
    if (draft.value === "") draft.value = text;
    toast(chatRefusal(answer.refused, store.state.value.chatMaxChars));
  }
}
