/** The chat of the room, with what viewers ask and what is to be looked after, one of them at a time. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import "../../style/together.css";
import "../../style/hosting.css";
import { Desk } from "../../hosting/desk.tsx";
import { MessageActions } from "../../hosting/message-actions.tsx";
import { hostingIds as ids } from "../../hosting/testids.ts";
import { common } from "../../i18n/common.ts";
import { hosting } from "../../i18n/hosting.ts";
import { studio as words } from "../../i18n/studio.ts";
import { together } from "../../i18n/together.ts";
import type { ChatLine } from "../../live/state.ts";
import { Chat } from "../../live/ui/chat.tsx";
import { Composer } from "../../live/ui/composer.tsx";
import { Questions } from "../../live/ui/questions.tsx";
import { Icon } from "../../ui/icon.tsx";
import type { RoomState } from "../room-state.ts";

type Part = "chat" | "questions" | "desk";

export function ChatColumn({ room, over }: { room: RoomState; over: boolean }) {
  const t = words.value;
  const part = useSignal<Part>("chat");
  const draft = useSignal("");
  const replying = useSignal<ChatLine | null>(null);
  const chosen = useSignal<ChatLine | null>(null);
  const { engagement, held } = room.store.state.value;
  const parts: [Part, string, number][] = [["chat", t.chat(), 0], ["questions", together.value.questions(), engagement.questions.length], ["desk", hosting.value.deskShort(), held.length]];
  return (
    <section class="room-chat" aria-label={t.chat()} data-part={part.value}>
      <div class="segments" role="group" aria-label={t.chat()}>
        {parts.map(([key, label, count]) => (
          <button type="button" key={key} aria-pressed={part.value === key} data-testid={ids.room(key)} data-count={count} onClick={() => { part.value = key; }}>
            {label}{count > 0 ? <span class="segment-count">{count}</span> : null}
          </button>
        ))}
      </div>
      {part.value === "chat" ? (
        <>
          <Chat store={room.store} closed={over} onLine={(line) => { chosen.value = line; }} busy={chosen.value !== null} />
          <Composer store={room.store} draft={draft} replying={replying} signedIn closed={over} />
        </>
      ) : null}
      {part.value === "questions" ? <div class="room-part" tabIndex={0}><Questions store={room.store} /></div> : null}
      {part.value === "desk" ? <div class="room-part" tabIndex={0}><Desk store={room.store} hasQuestions={false} /></div> : null}
      {chosen.value ? <MessageDialog room={room} line={chosen.value} onReply={over ? null : () => { replying.value = chosen.value; }} onClose={() => { chosen.value = null; }} /> : null}
    </section>
  );
}

function MessageDialog({ room, line, onReply, onClose }: { room: RoomState; line: ChatLine; onReply: (() => void) | null; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog message-dialog" aria-labelledby="message-title" data-testid={ids.actions} onClose={onClose}>
      <header class="message-head">
        <h2 id="message-title">{hosting.value.message()}</h2>
        <button type="button" class="icon-button" aria-label={common.value.close()} onClick={() => dialog.current?.close()}><Icon name="close" /></button>
      </header>
      <MessageActions store={room.store} line={line} onReply={onReply} onDone={() => dialog.current?.close()} />
    </dialog>
  );
}
