import { cartPieces } from "../../cart/store.ts";
import { common } from "../../i18n/common.ts";
import { compact } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { written } from "../../wire/product-text.ts";
import type { LivePage } from "../page-state.ts";
import { FollowButton } from "./follow.tsx";
import { LiveBadge } from "./stage.tsx";

export function TopBar({ page }: { page: LivePage }) {
  const t = words.value;
  const { live, viewers } = page.store.state.value;
  const muted = page.player.muted.value;
  const isAway = page.stage.value === "missing" || page.stage.value === "banned";
  const name = live?.influencer.display_name ?? "";
  return (
    <header class="top-bar">
      <a class="icon-button on-video" href="/" aria-label={t.leave()}><Icon name="back" /></a>
      <div class="who" data-waits={live === null}>
        <span class="avatar" aria-hidden="true">{[...name][0] ?? ""}</span>
        <div class="who-text">
          <h1 lang={written(live?.title ?? "", language.value).lang}>{live?.title ?? ""}</h1>
          <p>
            <LiveBadge page={page} />
            <span class="viewer-count" data-testid={ids.viewers} data-count={viewers} title={t.viewers({ count: viewers })}>
              <Icon name="eye" /><span aria-hidden="true">{compact(language.value, viewers)}</span>
              <span class="unseen">{t.viewers({ count: viewers })}</span>
            </span>
            <span class="who-name">{name}</span>
          </p>
        </div>
        <FollowButton page={page} />
      </div>
      {isAway ? null : (
        <button type="button" class="icon-button on-video" data-testid={ids.soundToggle} aria-pressed={!muted} aria-label={muted ? t.unmute() : t.mute()}
          onClick={() => page.player.setMuted(!muted)}><Icon name={muted ? "soundOff" : "soundOn"} /></button>
      )}
      {isAway ? null : (
        <button type="button" class="icon-button on-video cart-button" data-testid={ids.cart} data-pieces={cartPieces.value} aria-label={t.myBag({ count: cartPieces.value })} aria-haspopup="dialog"
          onClick={() => { page.sheet.value = { kind: "bag" }; }}>
          <Icon name="bag" />{cartPieces.value > 0 ? <span class="bag-count" aria-hidden="true">{cartPieces.value}</span> : null}
        </button>
      )}
      <button type="button" class="icon-button on-video" data-testid={ids.menu} data-focus-home aria-label={common.value.menu()} aria-haspopup="dialog"
        onClick={() => { page.sheet.value = { kind: "menu" }; }}><Icon name="more" /></button>
    </header>
  );
}
