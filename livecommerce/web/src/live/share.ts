/** Hand the address of the live session to the system's share dialog, else to the clipboard. */
import { live as words } from "../i18n/live.ts";
import { toast } from "../ui/toast.tsx";
import type { LivePage } from "./page-state.ts";

export async function share(page: LivePage): Promise<void> {
  const t = words.value;
  const { live } = page.store.state.value;
  const url = location.href.split("#")[0]!;
  const text = t.shareText({ title: live?.title ?? "", name: live?.influencer.display_name ?? "" });
  try {
    if (navigator.share) await navigator.share({ title: live?.title ?? "", text, url });
    else {
      await navigator.clipboard.writeText(url);
      toast(t.shareCopied());
    }
  } catch {
    // Closing the system's share dialog rejects; there is nothing to say about it.
  }
}
