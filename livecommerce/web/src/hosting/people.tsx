/** Who helps, and about whom something was decided; every decision can be taken back here. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { countdown } from "../i18n/format.ts";
import { hosting as words } from "../i18n/hosting.ts";
import type { Store } from "../live/store.ts";
import { useServerTime } from "../live/ui/deals.tsx";
import type { Member, Moderator } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";
import * as acts from "./acts.ts";
import { Appoint, rightName } from "./appoint.tsx";
import { peopleAfter, type PeopleList } from "./people-state.ts";
import { hostingIds as ids } from "./testids.ts";
import { Trouble } from "./words.tsx";

export function People({ store }: { store: Store }) {
  const t = words.value;
  const list = useSignal<PeopleList | null>(null);
  const trouble = useSignal<Refusal | null>(null);
  const changing = useSignal<Moderator | null>(null);
  const now_ms = useServerTime(store, list.value?.members.some((member) => member.muted_until_ms !== null) ?? false);

  const load = async () => {
    const answer = await store.connection.call("people.list", { live_session_id: store.id });
    trouble.value = answer.refused ?? null;
    if (answer.ok) list.value = answer.ok;
  };
  useEffect(() => {
    void load();
    // What others who look after the chat decide meanwhile.
    return store.onEvent((event) => {
      if (list.value === null) return;
      if (event.name === "snapshot") void load();
      else list.value = peopleAfter(list.value, event);
    });
  }, [store]);

  if (trouble.value) return <Trouble refusal={trouble.value} onAgain={() => void load()} />;
  if (list.value === null) return <p class="empty" role="status">{common.value.loading()}</p>;
  const { moderators } = list.value;
  const members = list.value.members.filter((member) => member.is_banned || member.is_hidden || (member.muted_until_ms ?? 0) > now_ms);
  const isHost = store.state.value.you.is_host;
  if (changing.value) {
    const back = () => { changing.value = null; };
    return <Appoint store={store} person={changing.value} before={changing.value} onDone={back} onBack={back} />;
  }
  return (
    <div class="people">
      <h4>{t.moderators()}</h4>
      {moderators.length === 0 ? <p class="empty">{isHost ? t.noModerators() : t.noModeratorsHere()}</p> : (
        <ul class="person-list">
          {moderators.map((one) => (
            <li key={one.user_id} class="person" data-testid={ids.moderator} data-user-id={one.user_id}>
              <span class="person-text"><b><bdi>{one.name}</bdi></b><small>{[...one.permissions.map(rightName), ...(one.everywhere ? [t.everywhere()] : [])].join(" · ")}</small></span>
              {isHost ? <button type="button" class="button button-quiet button-small" onClick={() => { changing.value = one; }}>{t.change()}</button> : null}
              {isHost ? <button type="button" class="link-button" data-testid={ids.moderatorDismiss} aria-label={`${t.dismissModerator()}: ${one.name}`} onClick={() => void acts.dismiss(store, one)}>{t.dismissModerator()}</button> : null}
            </li>
          ))}
        </ul>
      )}
      <h4>{t.members()}</h4>
      {members.length === 0 ? <p class="empty">{t.noMembers()}</p> : (
        <ul class="person-list">{members.map((member) => <MemberRow key={member.user_id} store={store} member={member} now_ms={now_ms} />)}</ul>
      )}
    </div>
  );
}

function MemberRow({ store, member, now_ms }: { store: Store; member: Member; now_ms: number }) {
  const t = words.value;
  const muted = (member.muted_until_ms ?? 0) > now_ms;
  const facts = [
    member.is_banned ? t.isBanned() : null, member.is_hidden ? t.isHidden() : null, muted ? t.isMuted({ time: countdown(member.muted_until_ms! - now_ms) }) : null,
    member.everywhere ? t.everywhere() : null,
  ].filter((fact) => fact !== null);
  return (
    <li class="person" data-testid={ids.member} data-user-id={member.user_id}>
      <span class="person-text"><b><bdi>{member.name}</bdi></b><small>{facts.join(" · ")}</small></span>
      {muted ? <button type="button" class="button button-quiet button-small" data-testid={ids.unmute} onClick={() => void acts.unmute(store, member)}>{t.unmute()}</button> : null}
      {member.is_hidden ? <button type="button" class="button button-quiet button-small" data-testid={ids.unhide} onClick={() => void acts.unhide(store, member)}>{t.unhide()}</button> : null}
      {member.is_banned ? <button type="button" class="button button-quiet button-small" data-testid={ids.unban} onClick={() => void acts.unban(store, member)}>{t.unban()}</button> : null}
    </li>
  );
}
