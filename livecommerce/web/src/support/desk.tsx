/** The desk of support: the queue of queries, and one query with all that answering it needs. Admins only. */
import { common } from "../i18n/common.ts";
import { desk as words } from "../i18n/desk.ts";
import { AdminNav } from "../lists/admin-nav.tsx";
import { roleText } from "../people/role.ts";
import { Empty, Shell } from "../site/shell.tsx";
import { person, restoring } from "../wire/identity.ts";
import { place } from "./place.ts";
import { Queue } from "./queue.tsx";
import { StaffQueryView } from "./staff-query.tsx";

export function Desk() {
  return <Shell place="admin">{person.value?.role === "admin" ? <Here /> : restoring.value ? null : <Door />}</Shell>;
}

function Here() {
  const { query } = place.value;
  return <><AdminNav here="queries" />{query !== null ? <StaffQueryView key={query} id={query} /> : <Queue />}</>;
}

function Door() {
  const t = words.value;
  const who = person.value;
  if (who) return <Empty title={t.title()} text={t.adminsOnly({ name: who.display_name, role: roleText(who.role) })} />;
  const here = encodeURIComponent(location.pathname + location.search);
  return <Empty title={t.pleaseLogIn()}><a class="button button-primary" href={`/log-in?next=${here}`}>{common.value.logIn()}</a></Empty>;
}
