import { common } from "../i18n/common.ts";
import { studio as words } from "../i18n/studio.ts";
import { AccountForm } from "../people/account-form.tsx";
import { roleText } from "../people/role.ts";
import { Empty, Shell } from "../site/shell.tsx";
import { logOut, person, restoring } from "../wire/identity.ts";
import { route } from "./route.ts";
import { Edit } from "./ui/edit.tsx";
import { Figures } from "./ui/figures.tsx";
import { Links } from "./ui/links.tsx";
import { List } from "./ui/list.tsx";
import { Room } from "./ui/room.tsx";

export function Studio() {
  const who = person.value;
  if (who?.role !== "influencer") return <Shell place="studio">{restoring.value ? null : <Door />}</Shell>;
  const here = route.value;
  if (here.view === "room") return <Room key={here.id} id={here.id} />;
  return (
    <Shell place="studio">
      {here.view === "edit" ? <Edit key={here.id ?? "new"} id={here.id} /> : here.view === "figures" ? <Figures key={here.id} id={here.id} /> : here.view === "links" ? <Links /> : <List />}
    </Shell>
  );
}

function Door() {
  const t = words.value;
  const who = person.value;
  if (who) {
    return (
      <Empty title={t.doorTitle()} text={t.wrongRole({ name: who.display_name, role: roleText(who.role) })}>
        <button type="button" class="button button-primary" onClick={() => void logOut()}>{common.value.logOut()}</button>
      </Empty>
    );
  }
  return (
    <div class="narrow">
      <h1>{t.doorTitle()}</h1>
      <p class="quiet">{t.doorText()}</p>
      <div class="panel"><AccountForm role="influencer" mode="log-in" onDone={() => undefined} /></div>
    </div>
  );
}
