/** Something that stands out for everybody, and the end of everything that was written. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { hosting as words } from "../i18n/hosting.ts";
import type { Store } from "../live/store.ts";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import { newId } from "../wire/id.ts";
import * as acts from "./acts.ts";
import { hostingIds as ids } from "./testids.ts";

export function Announce({ store, onDone }: { store: Store; onDone: () => void }) {
  const t = words.value;
  const text = useSignal("");
  const pinned = useSignal(true);
  const fault = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);
  const id = useRef(newId());
  const max = store.state.value.chatMaxChars;
  const send = async () => {
    if (busy.value) return;
    if (text.value.trim() === "") {
      fault.value = t.nothingWritten();
      return;
    }
    busy.value = true;
    const payload = { live_session_id: store.id, id: id.current, text: text.value.trim(), is_pinned: pinned.value };
    const answer = await store.connection.call("chat.announce", payload, { timeout_ms: 15_000, repeat: true });
    busy.value = false;
    if (answer.refused) fault.value = acts.hostingRefusal(answer.refused);
    else {
      toast(t.announced());
      onDone();
    }
  };
  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <Field label={t.announceText()} hint={t.announceHint({ max })} error={fault.value}>
        {(attributes) => (
          <textarea {...attributes} rows={3} maxLength={max} dir="auto" data-testid={ids.announceText} value={text.value}
            onInput={(event) => { text.value = event.currentTarget.value; fault.value = undefined; }} />
        )}
      </Field>
      <label class="switch">
        <span><b>{t.announcePinned()}</b><small>{t.announcePinnedHint()}</small></span>
        <input type="checkbox" role="switch" data-testid={ids.announcePinned} checked={pinned.value} onChange={(event) => { pinned.value = event.currentTarget.checked; }} />
      </label>
      <button type="submit" class="button button-primary button-wide" data-testid={ids.announceSend} aria-disabled={busy.value}>{t.announceSend()}</button>
    </form>
  );
}

export function Clear({ store, onDone }: { store: Store; onDone: () => void }) {
  const t = words.value;
  const busy = useSignal(false);
  const { chat } = store.state.value;
  const clear = async () => {
    if (busy.value) return;
    busy.value = true;
    const was = await acts.clear(store);
    busy.value = false;
    if (was) onDone();
  };
  return (
    <div class="form">
      <p>{t.clearText({ count: chat.length })}</p>
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={onDone}>{t.keep()}</button>
        <button type="button" class="button button-danger" data-testid={ids.clearConfirm} aria-disabled={busy.value} onClick={() => void clear()}>{t.clearConfirm()}</button>
      </div>
    </div>
  );
}
