/** What those who look after the chat do to messages and people: at once, told in a sentence, with the way back where there is one. */
import { hosting as words } from "../i18n/hosting.ts";
import { live as liveWords } from "../i18n/live.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { Store } from "../live/store.ts";
import { toast } from "../ui/toast.tsx";
import type { GeneralRefusalCode, InwardName, Payload, RefusalsOf } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";

/** About whom something is decided. */
export interface Person {
  user_id: string;
  name: string;
}

type Event = "chat.delete" | "chat.clear" | "chat.pin" | "chat.unpin" | "chat.announce" | "chat.review" | "chat.configure" | "chat.mute" | "chat.unmute"
  | "chat.ban" | "chat.unban" | "chat.hide" | "chat.unhide" | "filter.change" | "moderator.appoint" | "moderator.dismiss" | "people.list";
type Code = Exclude<RefusalsOf[Event], GeneralRefusalCode | "session.not_found" | "session.wrong_state">;

const worded: Record<Code, () => string> = {
  "chat.not_found": () => words.value.messageGone(),
  "chat.already_reviewed": () => words.value.alreadyReviewed(),
  "chat.empty": () => words.value.nothingWritten(),
  "chat.too_long": () => words.value.tooLong(),
  "chat.links": () => liveWords.value.chatLinks(),
  "member.not_found": () => words.value.personGone(),
  "member.protected": () => words.value.personProtected(),
  "member.too_many": () => words.value.peopleTooMany(),
  "member.banned": () => words.value.personBanned(),
  "filter.too_many": () => words.value.wordsTooMany(),
  "filter.invalid": () => words.value.wordsInvalid(),
};

export function hostingRefusal(refusal: Refusal): string {
  return refusal.code in worded ? worded[refusal.code as Code]() : refusalText(refusal);
}

/** Call and say why when it is refused; whether it was done. */
async function done<E extends InwardName>(store: Store, event: E, payload: Payload<E>): Promise<boolean> {
  const answer = await store.connection.call(event, payload as never);
  if (answer.refused) toast(hostingRefusal(answer.refused));
  return answer.refused === undefined;
}

const here = (store: Store) => ({ live_session_id: store.id });
const about = (store: Store, { user_id }: Person) => ({ live_session_id: store.id, user_id });

export async function remove(store: Store, message_id: string): Promise<void> {
  if (await done(store, "chat.delete", { ...here(store), message_id })) toast(words.value.deleted());
}

export async function pin(store: Store, message_id: string): Promise<void> {
  const before = store.state.peek().pinnedMessage?.id ?? null;
  if (!(await done(store, "chat.pin", { ...here(store), message_id }))) return;
  toast(words.value.pinned(), { label: words.value.undo(), run: () => void (before === null ? unpin(store, false) : done(store, "chat.pin", { ...here(store), message_id: before })) });
}

export async function unpin(store: Store, undoable = true): Promise<void> {
  const before = store.state.peek().pinnedMessage?.id ?? null;
  if (!(await done(store, "chat.unpin", here(store))) || !undoable || before === null) return;
  toast(words.value.unpinned(), { label: words.value.undo(), run: () => void done(store, "chat.pin", { ...here(store), message_id: before }) });
}

export async function mute(store: Store, person: Person, duration_s: number): Promise<void> {
  if (!(await done(store, "chat.mute", { ...about(store, person), duration_s }))) return;
  toast(words.value.muted({ name: person.name, time: spell(duration_s) }), { label: words.value.undo(), run: () => void unmute(store, person) });
}

export async function unmute(store: Store, person: Person): Promise<boolean> {
  const was = await done(store, "chat.unmute", about(store, person));
  if (was) toast(words.value.unmuted({ name: person.name }));
  return was;
}

export async function ban(store: Store, person: Person, everywhere: boolean): Promise<void> {
  if (!(await done(store, "chat.ban", { ...about(store, person), everywhere }))) return;
  toast(words.value.banned({ name: person.name }), { label: words.value.undo(), run: () => void unban(store, person) });
}

export async function unban(store: Store, person: Person): Promise<boolean> {
  const was = await done(store, "chat.unban", about(store, person));
  if (was) toast(words.value.unbanned({ name: person.name }));
  return was;
}

export async function hide(store: Store, person: Person): Promise<void> {
  if (!(await done(store, "chat.hide", about(store, person)))) return;
  toast(words.value.hidden({ name: person.name }), { label: words.value.undo(), run: () => void unhide(store, person) });
}

export async function unhide(store: Store, person: Person): Promise<boolean> {
  const was = await done(store, "chat.unhide", about(store, person));
  if (was) toast(words.value.unhidden({ name: person.name }));
  return was;
}

export async function appoint(store: Store, person: Person, permissions: Payload<"moderator.appoint">["permissions"], everywhere: boolean): Promise<boolean> {
  const was = await done(store, "moderator.appoint", { ...about(store, person), permissions, everywhere });
  if (was) toast(words.value.appointed({ name: person.name }), { label: words.value.undo(), run: () => void dismiss(store, person) });
  return was;
}

export async function dismiss(store: Store, person: Person): Promise<boolean> {
  const was = await done(store, "moderator.dismiss", about(store, person));
  if (was) toast(words.value.dismissed({ name: person.name }));
  return was;
}

export const review = (store: Store, message_id: string, is_approved: boolean): Promise<boolean> =>
  done(store, "chat.review", { ...here(store), message_id, is_approved });

export async function clear(store: Store): Promise<boolean> {
  const was = await done(store, "chat.clear", here(store));
  if (was) toast(words.value.cleared());
  return was;
}

export const durations_s = [60, 300, 1_800, 86_400] as const;

/** "5 minutes", "24 hours". */
export function spell(duration_s: number): string {
  const t = words.value;
  return duration_s >= 3_600 ? t.hours({ count: Math.round(duration_s / 3_600) }) : t.minutes({ count: Math.round(duration_s / 60) });
}
