/** The desk of a moderator, over the video. */
import { hosting as words } from "../i18n/hosting.ts";
import type { LivePage } from "../live/page-state.ts";
import { Sheet } from "../ui/sheet.tsx";
import { Desk } from "./desk.tsx";

export function HostingSheet({ page, onClose }: { page: LivePage; onClose: () => void }) {
  return <Sheet title={words.value.desk()} onClose={onClose}><Desk store={page.store} onClose={onClose} /></Sheet>;
}
