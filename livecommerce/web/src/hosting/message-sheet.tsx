/** A message of the chat on the viewer page, and what can be done with it. */
import { hosting as words } from "../i18n/hosting.ts";
import type { LivePage } from "../live/page-state.ts";
import type { ChatLine } from "../live/state.ts";
import { isOver } from "../live/view.ts";
import { Sheet } from "../ui/sheet.tsx";
import { MessageActions } from "./message-actions.tsx";
import { hostingIds } from "./testids.ts";

export function MessageSheet({ page, line, onClose }: { page: LivePage; line: ChatLine; onClose: () => void }) {
  const over = isOver(page.store.state.value.live?.status ?? null);
  return (
    <Sheet title={words.value.message()} testid={hostingIds.actions} onClose={onClose}>
      <MessageActions store={page.store} line={line} onDone={onClose} onReply={over ? null : () => answer(page, line)} />
    </Sheet>
  );
}

function answer(page: LivePage, line: ChatLine): void {
  page.replying.value = line;
  // After the sheet has given the focus back.
  setTimeout(() => document.querySelector<HTMLElement>(".composer-input")?.focus(), 50);
}
