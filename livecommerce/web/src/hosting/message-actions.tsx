/**
 * What can be done with a message and with who wrote it, always in the same order. The message is repeated, so that
 * nobody acts on the wrong one; banning asks once, appointing asks for which rights.
 */
import { useSignal } from "@preact/signals";
import "../style/hosting.css";
import { hosting as words } from "../i18n/hosting.ts";
import { mayModerate } from "../live/chat-state.ts";
import type { ChatLine } from "../live/state.ts";
import type { Store } from "../live/store.ts";
import { Badges } from "../live/ui/line.tsx";
import { Icon } from "../ui/icon.tsx";
import * as acts from "./acts.ts";
import { Appoint } from "./appoint.tsx";
import { hostingIds as ids } from "./testids.ts";

interface MessageActionsProps {
  store: Store;
  line: ChatLine;
  /** Nobody can answer in a chat that is over. */
  onReply: (() => void) | null;
  onDone: () => void;
}

export function MessageActions({ store, line, onReply, onDone }: MessageActionsProps) {
  const t = words.value;
  const step = useSignal<"choose" | "ban" | "appoint">("choose");
  const state = store.state.value;
  const { you, pinnedMessage } = state;
  const person = { user_id: line.author_id, name: line.name };
  const keepsOrder = mayModerate(state, you.is_host);
  const isOther = line.author_id !== you.user_id && !line.is_host;
  const isModerator = (line.marks ?? []).includes("moderator");
  const isHidden = (line.marks ?? []).includes("hidden");
  const act = (work: () => Promise<unknown>) => () => {
    onDone();
    void work();
  };
  return (
    <div class="message-actions">
      <blockquote class="message-quote"><b><bdi>{line.name}</bdi><Badges line={line} /></b> <bdi dir="auto">{line.text}</bdi></blockquote>
      {step.value === "ban" ? <Ban store={store} person={person} onDone={onDone} onBack={() => { step.value = "choose"; }} /> : null}
      {step.value === "appoint" ? <Appoint store={store} person={person} onDone={onDone} onBack={() => { step.value = "choose"; }} /> : null}
      {step.value === "choose" ? (
        <div class="action-list">
          {keepsOrder ? <button type="button" class="action" data-testid={ids.remove} onClick={act(() => acts.remove(store, line.id))}><Icon name="trash" />{t.delete()}</button> : null}
          {keepsOrder && isOther ? (
            <div class="action action-group" role="group" aria-label={t.muteFor()}>
              <Icon name="mute" /><span>{t.muteFor()}</span>
              <span class="durations">
                {acts.durations_s.map((duration_s) => (
                  <button type="button" key={duration_s} class="duration" data-testid={ids.mute(duration_s)} aria-label={`${t.muteFor()} ${acts.spell(duration_s)}`}
                    onClick={act(() => acts.mute(store, person, duration_s))}>{acts.spell(duration_s)}</button>
                ))}
              </span>
            </div>
          ) : null}
          {keepsOrder && isOther ? <button type="button" class="action" data-testid={ids.ban} onClick={() => { step.value = "ban"; }}><Icon name="ban" />{t.ban()}</button> : null}
          {keepsOrder && isOther ? (
            <button type="button" class="action" data-testid={ids.hide} onClick={act(() => (isHidden ? acts.unhide(store, person) : acts.hide(store, person)))}>
              <Icon name="eye" /><span>{isHidden ? t.unhide() : t.hide()}{isHidden ? null : <small>{t.hideHint()}</small>}</span>
            </button>
          ) : null}
          {keepsOrder ? (
            <button type="button" class="action" data-testid={ids.pinMessage} onClick={act(() => (pinnedMessage?.id === line.id ? acts.unpin(store) : acts.pin(store, line.id)))}>
              <Icon name="pin" />{pinnedMessage?.id === line.id ? t.unpinMessage() : t.pinMessage()}
            </button>
          ) : null}
          {onReply ? <button type="button" class="action" data-testid={ids.reply} onClick={() => { onDone(); onReply(); }}><Icon name="reply" />{t.reply()}</button> : null}
          {you.is_host && isOther ? (
            <button type="button" class="action" data-testid={ids.appointOpen} onClick={() => { step.value = "appoint"; }}><Icon name="shield" />{isModerator ? t.changeRights() : t.makeModerator()}</button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

interface StepProps {
  store: Store;
  person: acts.Person;
  onDone: () => void;
  onBack: () => void;
}

function Ban({ store, person, onDone, onBack }: StepProps) {
  const t = words.value;
  const everywhere = useSignal(false);
  return (
    <div class="form">
      <p>{t.banText({ name: person.name })}</p>
      {store.state.value.you.is_host ? (
        <label class="switch">
          <span><b>{t.everywhere()}</b><small>{t.everywhereBanHint()}</small></span>
          <input type="checkbox" role="switch" data-testid={ids.everywhere} checked={everywhere.value} onChange={(event) => { everywhere.value = event.currentTarget.checked; }} />
        </label>
      ) : null}
      <div class="actions">
        <button type="button" class="button button-quiet" autofocus onClick={onBack}>{t.notNow()}</button>
        <button type="button" class="button button-danger" data-testid={ids.banConfirm} onClick={() => { onDone(); void acts.ban(store, person, everywhere.value); }}>{t.banName({ name: person.name })}</button>
      </div>
    </div>
  );
}
