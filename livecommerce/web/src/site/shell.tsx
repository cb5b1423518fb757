/** The frame of every page but the live page: brand, ways to go, language, who is signed in. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { cartPieces } from "../cart/store.ts";
import { common } from "../i18n/common.ts";
import { language, setLanguage } from "../i18n/language.ts";
import { site as words } from "../i18n/site.ts";
import { Icon } from "../ui/icon.tsx";
import { keepFocus } from "../ui/keep-focus.ts";
import { Toasts } from "../ui/toast.tsx";
import { person, restoring } from "../wire/identity.ts";

export type Place = "home" | "bag" | "studio" | "account" | "log-in" | "help" | "orders" | "admin" | "shop" | "wishlist" | "business";

export function Shell({ place, wide = false, children }: { place: Place; wide?: boolean; children: ComponentChildren }) {
  const t = common.value;
  const main = useRef<HTMLElement | null>(null);
  useEffect(() => keepFocus(main.current!), []);
  return (
    <>
      <a class="skip" href="#main">{t.skipToContent()}</a>
      <header class="site-head">
        <div class="site-bar">
          <a class="brand" href="/" aria-current={place === "home" ? "page" : undefined}><BrandMark />{t.brand()}</a>
          <nav class="site-nav" data-waits={restoring.value}>
            <a href="/products" aria-current={place === "shop" ? "page" : undefined}>{words.value.shop()}</a>
            {person.value?.role === "wholesaler" ? <a href="/business" aria-current={place === "business" ? "page" : undefined}>{words.value.businessDesk()}</a> : null}
            {person.value?.role === "influencer" ? <a href="/studio" aria-current={place === "studio" ? "page" : undefined}>{t.studio()}</a> : null}
            {person.value?.role === "customer" ? <a class="nav-orders" href="/orders" aria-current={place === "orders" ? "page" : undefined}><Icon name="box" /><span class="nav-text">{t.myOrders()}</span></a> : null}
            {person.value?.role === "customer" ? <a class="nav-help" href="/help" aria-current={place === "help" ? "page" : undefined}>{words.value.help()}</a> : null}
            {person.value?.role === "admin" ? <a href="/admin/queries" aria-current={place === "admin" ? "page" : undefined}>{words.value.adminDesk()}</a> : null}
            {person.value === null || person.value.role === "customer" ? <a href="/bag" class="nav-bag" aria-current={place === "bag" ? "page" : undefined}><Icon name="bag" /><span class="nav-text">{t.bag()}</span>{cartPieces.value > 0 ? <span class="nav-count">{cartPieces.value}</span> : null}</a> : null}
            <LanguageButton />
            <Who place={place} />
          </nav>
        </div>
      </header>
      <main ref={main} id="main" class={wide ? "site-main site-wide" : "site-main"}>{children}</main>
      <Toasts />
    </>
  );
}

export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="#ffb224" />
      <path d="M9.5 12.500h13l1 11.200a1.8 1.8 0 0 1-1.8 1.800H10.300a1.8 1.8 0 0 1-1.8-1.800z" fill="#1b1206" />
      <path d="M12.5 15v-3.500a3.5 3.5 0 0 1 7 0V15" fill="none" stroke="#1b1206" stroke-width="2" stroke-linecap="round" />
      <path d="M14 17.300v4.900l4.3-2.450z" fill="#ffb224" />
    </svg>
  );
}

export function LanguageButton() {
  const t = common.value;
  const other = language.value === "en" ? "hi" : "en";
  return (
    <button type="button" class="nav-button" lang={other} onClick={() => void setLanguage(other)}>{other === "hi" ? t.hindi() : t.english()}</button>
  );
}

function Who({ place }: { place: Place }) {
  const t = common.value;
  const who = person.value;
  if (who) {
    return (
      <a class="nav-who" href="/account" aria-current={place === "account" ? "page" : undefined} title={who.display_name}>
        <span class="avatar" aria-hidden="true">{[...who.display_name][0]}</span><span class="nav-who-name">{who.display_name}</span>
      </a>
    );
  }
  if (restoring.value || place === "log-in") return null;
  return <a class="button button-quiet button-small" href={`/log-in?next=${encodeURIComponent(location.pathname)}`}>{t.logIn()}</a>;
}

export function Empty({ title, text, children }: { title: string; text?: string | undefined; children?: ComponentChildren }) {
  return (
    <div class="empty-state">
      <BrandMark />
      <h2>{title}</h2>
      {text ? <p>{text}</p> : null}
      {children}
    </div>
  );
}

export function LoadFailed({ text, onRetry }: { text: string; onRetry: () => void }) {
  return (
    <div class="callout callout-bad" role="alert">
      <span>{text}</span>
      <button type="button" class="button button-quiet button-small" onClick={onRetry}>{common.value.retry()}</button>
    </div>
  );
}
