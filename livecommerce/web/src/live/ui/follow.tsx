/** Follow the influencer, or no more; anonymous viewers are asked to log in first. */
import { live as words } from "../../i18n/live.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toast.tsx";
import type { LivePage } from "../page-state.ts";
import type { Store } from "../store.ts";

/** Shown at once, taken back when it is refused; unfollowing can be undone. */
export async function follow(store: Store, wanted: boolean): Promise<void> {
  const influencer = store.state.peek().live?.influencer;
  if (!influencer) return;
  const t = words.peek();
  store.apply({ name: "following", is_following: wanted });
  const answer = await store.connection.call(wanted ? "influencer.follow" : "influencer.unfollow", { influencer_id: influencer.id });
  if (answer.refused) {
    store.apply({ name: "following", is_following: !wanted });
    toast(refusalText(answer.refused));
  } else if (wanted) toast(t.followed({ name: influencer.display_name }));
  else toast(t.unfollowed({ name: influencer.display_name }), { label: t.undo(), run: () => void follow(store, true) });
}

/** For whom following makes sense: not for the influencer, and not before it is known who this is. */
export function mayFollow(page: LivePage): boolean {
  const { you, live, phase } = page.store.state.value;
  return phase === "ready" && live !== null && !you.is_host;
}

export function askToFollow(page: LivePage, wanted: boolean): void {
  if (page.signedIn.value) void follow(page.store, wanted);
  else page.sheet.value = { kind: "account" };
}

/** Beside the influencer's name; gone once followed, when the menu has the way back. */
export function FollowButton({ page }: { page: LivePage }) {
  const t = words.value;
  const { standing, live } = page.store.state.value;
  if (!mayFollow(page) || standing.is_following === true) return null;
  return (
    <button type="button" class="follow-button" data-testid={ids.follow} aria-label={t.followName({ name: live!.influencer.display_name })}
      onClick={() => askToFollow(page, true)}><Icon name="plus" /><span>{t.follow()}</span></button>
  );
}
