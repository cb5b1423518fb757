/** Hand the address of the live session to the system's share dialog, else to the clipboard, else show it. */
import { live as words } from "../i18n/live.ts";
import { toast } from "../ui/toast.tsx";
import type { LivePage } from "./page-state.ts";

export async function share(page: LivePage): Promise<void> {
  const t = words.value;
  const { live } = page.store.state.value;
  const url = location.href.split("#")[0]!;
  const text = t.shareText({ title: live?.title ?? "", name: live?.influencer.display_name ?? "" });
  if (navigator.share) {
    // Closing the system's share dialog rejects; there is nothing to say about it.
    await navigator.share({ title: live?.title ?? "", text, url }).catch(() => undefined);
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
    toast(t.shareCopied());
  } catch {
    // Pages inside other apps may not write to the clipboard.
    toast(url);
  }
}
