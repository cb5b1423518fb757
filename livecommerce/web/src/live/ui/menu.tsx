import { common } from "../../i18n/common.ts";
import { language, setLanguage } from "../../i18n/language.ts";
import { live as words } from "../../i18n/live.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { logOut, person } from "../../wire/identity.ts";
import { Icon } from "../../ui/icon.tsx";
import type { LivePage } from "../page-state.ts";
import { share } from "../share.ts";
import { askToFollow, mayFollow } from "./follow.tsx";
import { ids } from "../../testids.ts";

export function Menu({ page, onClose }: { page: LivePage; onClose: () => void }) {
  const t = words.value;
  const c = common.value;
  const { standing, live, you } = page.store.state.value;
  const helps = you.is_host || standing.permissions.length > 0;
  return (
    <Sheet title={c.menu()} onClose={onClose}>
      <div class="menu">
        {helps ? (
          <button type="button" class="button button-primary button-wide" data-testid={ids.hosting} onClick={() => { page.sheet.value = { kind: "hosting" }; }}>
            <Icon name="shield" />{t.hosting()}
          </button>
        ) : null}
        {mayFollow(page) ? (
          <button type="button" class="button button-quiet button-wide" data-testid={standing.is_following ? ids.unfollow : ids.menuFollow} onClick={() => askToFollow(page, !standing.is_following)}>
            <Icon name={standing.is_following ? "check" : "plus"} />
            {(standing.is_following ? t.unfollowName : t.followName)({ name: live!.influencer.display_name })}
          </button>
        ) : null}
        <div class="menu-block">
          {person.value ? (
            <>
              <p class="menu-who">{t.signedInAs({ name: person.value.display_name })}</p>
              <div class="menu-links">
                <a class="button button-quiet" href="/orders" target="_blank" rel="noopener">{c.myOrders()}</a>
                <button type="button" class="button button-quiet" onClick={() => void logOut().then(() => location.reload())}>{c.logOut()}</button>
              </div>
            </>
          ) : (
            <button type="button" class="button button-quiet button-wide" onClick={() => { page.sheet.value = { kind: "account" }; }}>
              {c.logIn()} / {c.signUp()}
            </button>
          )}
        </div>
        <div class="menu-block">
          <span class="row-label">{c.language()}</span>
          <LanguageSegments />
        </div>
        <div class="menu-block">
          <Switch label={t.hearts()} value={page.hearts} />
          <Switch label={t.readAloud()} hint={t.readAloudHint()} value={page.readAloud} />
          <Switch label={t.shortcuts()} hint={t.shortcutsHint()} value={page.shortcuts} />
        </div>
        <button type="button" class="button button-quiet button-wide" onClick={() => void share(page)}>{t.share()}</button>
      </div>
    </Sheet>
  );
}

export function LanguageSegments() {
  const c = common.value;
  return (
    <div class="segments" role="group" aria-label={c.language()}>
      <button type="button" lang="en" aria-pressed={language.value === "en"} onClick={() => void setLanguage("en")}>{c.english()}</button>
      <button type="button" lang="hi" aria-pressed={language.value === "hi"} onClick={() => void setLanguage("hi")}>{c.hindi()}</button>
    </div>
  );
}

function Switch({ label, hint, value }: { label: string; hint?: string; value: { value: boolean } }) {
  return (
    <label class="switch">
      <span><b>{label}</b>{hint ? <small>{hint}</small> : null}</span>
      <input type="checkbox" role="switch" checked={value.value} onChange={(event) => { value.value = event.currentTarget.checked; }} />
    </label>
  );
}
