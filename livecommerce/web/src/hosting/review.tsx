/** Messages that wait until somebody has looked at them: the oldest first, one tap each, or the keys A and R on the list. */
import { useSignal } from "@preact/signals";
import { hosting as words } from "../i18n/hosting.ts";
import type { Store } from "../live/store.ts";
import { Icon } from "../ui/icon.tsx";
import type { HeldMessage } from "../wire/contract.gen.ts";
import * as acts from "./acts.ts";
import { hostingIds as ids } from "./testids.ts";

export function Review({ store }: { store: Store }) {
  const t = words.value;
  const { held } = store.state.value;
  if (held.length === 0) return <p class="empty">{t.nothingHeld()}</p>;
  return (
    <ul class="held-list" aria-label={t.review()}>
      {held.map((one) => <Held key={one.message.id} store={store} held={one} />)}
    </ul>
  );
}

function Held({ store, held }: { store: Store; held: HeldMessage }) {
  const t = words.value;
  const busy = useSignal(false);
  const { message, matched } = held;
  const decide = async (is_approved: boolean) => {
    if (busy.value) return;
    busy.value = true;
    await acts.review(store, message.id, is_approved);
    busy.value = false;
  };
  const onKey = (event: KeyboardEvent) => {
    const key = event.key.toLowerCase();
    if ((key !== "a" && key !== "r") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    void decide(key === "a");
  };
  return (
    <li class="held" data-testid={ids.held} data-message-id={message.id} onKeyDown={onKey}>
      <p><b><bdi>{message.name}</bdi></b> <bdi dir="auto">{message.text}</bdi></p>
      <small>{t.heldFor({ word: matched })}</small>
      <div class="actions">
        <button type="button" class="button button-quiet button-small" data-testid={ids.refuse} aria-label={`${t.refuse()}: ${message.text}`} title={t.refuseKey()}
          aria-disabled={busy.value} onClick={() => void decide(false)}><Icon name="close" />{t.refuse()}</button>
        <button type="button" class="button button-primary button-small" data-testid={ids.approve} aria-label={`${t.approve()}: ${message.text}`} title={t.approveKey()}
          aria-disabled={busy.value} onClick={() => void decide(true)}><Icon name="check" />{t.approve()}</button>
      </div>
    </li>
  );
}
