/** Help: where customers ask support and read what it answers. */
import { common } from "../i18n/common.ts";
import { help as words } from "../i18n/help.ts";
import { roleText } from "../people/role.ts";
import { Empty, Shell } from "../site/shell.tsx";
import { person, restoring } from "../wire/identity.ts";
import { MyList } from "./my-list.tsx";
import { MyQueryView } from "./my-query.tsx";
import { OpenForm } from "./open-form.tsx";
import { place } from "./place.ts";

export function Help() {
  return <Shell place="help">{person.value?.role === "customer" ? <Here /> : restoring.value ? null : <Door />}</Shell>;
}

function Here() {
  const { query, about } = place.value;
  if (query !== null) return <MyQueryView key={query} id={query} />;
  return about !== null ? <OpenForm about={about} /> : <MyList />;
}

function Door() {
  const t = words.value;
  const who = person.value;
  if (who) return <Empty title={t.title()} text={t.customersOnly({ name: who.display_name, role: roleText(who.role) })} />;
  const here = encodeURIComponent(location.pathname + location.search);
  return <Empty title={t.pleaseLogIn()}><a class="button button-primary" href={`/log-in?next=${here}`}>{common.value.logIn()}</a></Empty>;
}
