import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { refusalText } from "../i18n/refusal.ts";
import { site as words } from "../i18n/site.ts";
import { AccountForm } from "../people/account-form.tsx";
import { logInByLink, logOut, person, type Person } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import { LoadFailed, Shell } from "./shell.tsx";
import { whereNext } from "./where.ts";

/** A one-time link carries its token in the fragment, which no server log and no Referer sees. */
const link = new URLSearchParams(location.hash.slice(1)).get("link");
if (link) history.replaceState(null, "", location.pathname + location.search);

export function LogIn() {
  const t = words.value;
  const state = useSignal<"form" | "link" | "leaving">(link ? "link" : "form");
  const refusal = useSignal<Refusal | null>(null);
  const leave = (who: Person) => {
    state.value = "leaving";
    location.replace(whereNext(who.role, location.search));
  };
  const follow = () => {
    if (!link) return;
    state.value = "link";
    void logInByLink(link).then((answer) => {
      if (answer.ok) return leave(answer.ok);
      state.value = "form";
      refusal.value = answer.refused;
    });
  };
  useEffect(follow, []);
  const who = person.value;
  return (
    <Shell place="log-in">
      <div class="narrow">
        <h1>{t.logInPageTitle()}</h1>
        {state.value === "link" || state.value === "leaving" ? (
          <p class="working" role="status"><span class="spinner" />{t.linkWorking()}</p>
        ) : who ? (
          <div class="panel">
            <p>{t.alreadyIn({ name: who.display_name })}</p>
            <div class="actions">
              <button type="button" class="button button-primary" onClick={() => leave(who)}>{t.continueTo()}</button>
              <button type="button" class="button button-quiet" onClick={() => void logOut()}>{common.value.logOut()}</button>
            </div>
          </div>
        ) : (
          <div class="panel">
            {refusal.value === null ? null : refusal.value.code === "auth.link_invalid"
              ? <p class="callout callout-bad" role="alert">{t.linkFailed()}</p>
              : <LoadFailed text={refusalText(refusal.value)} onRetry={follow} />}
            <AccountForm withRole mode="log-in" onDone={leave} />
          </div>
        )}
      </div>
    </Shell>
  );
}
