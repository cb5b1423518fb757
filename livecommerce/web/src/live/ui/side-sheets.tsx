/** The shelf as a sheet (phones), and the account form over the video. */
import { useEffect } from "preact/hooks";
import { common } from "../../i18n/common.ts";
import { live as words } from "../../i18n/live.ts";
import { AccountForm } from "../../people/account-form.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import type { LivePage } from "../page-state.ts";
import { Shelf } from "./products.tsx";

export function ShelfSheet({ page, onClose }: { page: LivePage; onClose: () => void }) {
  return <Sheet title={words.value.products()} onClose={onClose}><Shelf page={page} /></Sheet>;
}

export function AccountSheet({ page, onClose }: { page: LivePage; onClose: () => void }) {
  const t = words.value;
  // Signed in meanwhile in another tab: there is nothing left to ask.
  useEffect(() => { if (page.signedIn.value) onClose(); }, [page.signedIn.value]);
  return (
    <Sheet title={`${common.value.logIn()} / ${common.value.signUp()}`} onClose={onClose}>
      <p class="lead">{t.accountTitle()}</p>
      <p class="quiet">{t.accountText()}</p>
      <AccountForm onDone={() => {
        onClose();
        // After the sheet has given the focus back.
        setTimeout(() => document.querySelector<HTMLElement>(".composer-input")?.focus(), 50);
      }} />
    </Sheet>
  );
}
