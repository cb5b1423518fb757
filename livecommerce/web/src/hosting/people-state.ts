/**
 * Who looks after the chat, about whom something is decided, and which words are not wanted: as people.list told it,
 * with what changed since. Pure.
 */
import type { LiveEvent } from "../live/state.ts";
import type { Member, Moderator, Ok } from "../wire/contract.gen.ts";

export type PeopleList = Ok<"people.list">;

export function peopleAfter(list: PeopleList, event: LiveEvent): PeopleList {
  switch (event.name) {
    case "member.changed":
      return { ...list, members: changedIn(list.members, event.payload.member, isDecided) };
    case "moderator.changed":
      return { ...list, moderators: changedIn(list.moderators, event.payload.moderator, hasRights) };
    case "filter.changed":
      return { ...list, terms: event.payload.terms };
    case "recovered":
      return (event.answer.events as readonly unknown[] as readonly LiveEvent[]).reduce(peopleAfter, list);
    default:
      return list;
  }
}

const isDecided = (member: Member): boolean => member.is_banned || member.is_hidden || member.muted_until_ms !== null;
const hasRights = (moderator: Moderator): boolean => moderator.permissions.length > 0;

function changedIn<Who extends { user_id: string }>(people: readonly Who[], changed: Who, stays: (who: Who) => boolean): readonly Who[] {
  const at = people.findIndex((one) => one.user_id === changed.user_id);
  if (!stays(changed)) return people.filter((one) => one.user_id !== changed.user_id);
  return at < 0 ? [...people, changed] : people.with(at, changed);
}
