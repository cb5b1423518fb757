import type { Signal } from "@preact/signals";
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import type { Store } from "../store.ts";

interface ComposerProps {
  store: Store;
  draft: Signal<string>;
  /** Called instead of sending when nobody is signed in; the draft stays. */
  onAnonymous?: () => void;
  signedIn: boolean;
  closed?: boolean;
}

/** Characters as people count them are near enough to code points; the hub counts those. */
const length = (text: string) => [...text].length;

export function Composer({ store, draft, onAnonymous, signedIn, closed = false }: ComposerProps) {
  const t = words.value;
  const max = store.state.value.chatMaxChars;
  const left = max - length(draft.value.trim());
  const send = () => {
    const text = draft.value.trim();
    if (text === "" || left < 0) return;
    if (!signedIn) return onAnonymous?.();
    draft.value = "";
    void store.say(text);
  };
  const placeholder = closed ? t.chatOver() : signedIn ? t.composer() : t.composerAnonymous();
  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <input class="composer-input" type="text" data-testid={ids.chatInput} value={draft.value} placeholder={placeholder}
        aria-label={t.composerLabel()} autocomplete="off" enterkeyhint="send" dir="auto" disabled={closed}
        onInput={(event) => { draft.value = event.currentTarget.value; }}
        onPointerDown={(event) => { if (!signedIn && onAnonymous) { event.preventDefault(); onAnonymous(); } }}
        onKeyDown={(event) => { if (!signedIn && onAnonymous && event.key.length === 1) { event.preventDefault(); onAnonymous(); } }} />
      {left < 30 ? <span class="composer-left" data-over={left < 0}>{left < 0 ? t.chatTooLong({ max }) : t.charsLeft({ count: left })}</span> : null}
      <button type="submit" class="composer-send" data-testid={ids.chatSend} aria-label={t.send()}
        // Focus stays in the field: the keyboard stays open, and nothing moves under the finger.
        onMouseDown={(event) => event.preventDefault()} disabled={closed || draft.value.trim() === "" || left < 0}>
        <Icon name="send" />
      </button>
    </form>
  );
}
