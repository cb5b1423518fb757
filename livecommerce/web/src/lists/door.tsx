/** A page for one role: nobody else gets in, and everybody learns why and what to do. */
import type { ComponentChildren } from "preact";
import { common } from "../i18n/common.ts";
import { lists as words } from "../i18n/lists.ts";
import { roleText } from "../people/role.ts";
import { Empty, Shell, type Place } from "../site/shell.tsx";
import { person, restoring, type Person } from "../wire/identity.ts";

interface DoorProps {
  place: Place;
  role: Person["role"];
  title: string;
  children: ComponentChildren;
}

export function Door({ place, role, title, children }: DoorProps) {
  const who = person.value;
  return <Shell place={place}>{who?.role === role ? children : restoring.value ? null : <Closed role={role} title={title} />}</Shell>;
}

function Closed({ role, title }: { role: Person["role"]; title: string }) {
  const t = words.value;
  const who = person.value;
  if (who) return <Empty title={title} text={t.wrongRole({ name: who.display_name, role: roleText(who.role), wanted: roleText(role) })} />;
  const here = encodeURIComponent(location.pathname + location.search);
  return <Empty title={title} text={t.pleaseLogIn({ wanted: roleText(role) })}><a class="button button-primary" href={`/log-in?next=${here}`}>{common.value.logIn()}</a></Empty>;
}
