/** Links to share: who comes by one and buys within a month earns the influencer a commission. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { exactMoney } from "../../i18n/exact.ts";
import { number } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { Empty, LoadFailed } from "../../site/shell.tsx";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Refusal } from "../../wire/rest.ts";
import { affiliateLinks, type AffiliateLink, type LinkSales } from "../api.ts";
import { go } from "../route.ts";
import { linkIds } from "../testids.ts";
import { NewLink } from "./new-link.tsx";

export function Links() {
  const t = words.value;
  const links = useSignal<readonly AffiliateLink[] | null>(null);
  const sales = useSignal<LinkSales | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const isMaking = useSignal(false);
  const load = async () => {
    const answer = await affiliateLinks();
    if (answer.ok) {
      links.value = answer.ok.links;
      sales.value = answer.ok.sales;
    }
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => void load(), []);
  const made = async (link: AffiliateLink) => {
    isMaking.value = false;
    await copy(link);
    await load();
  };
  const create = <button type="button" class="button button-primary" data-testid={linkIds.create} onClick={() => { isMaking.value = true; }}><Icon name="plus" />{t.newLink()}</button>;
  return (
    <>
      <div class="page-head">
        <h1>{t.linksTitle()}</h1>
        <div class="actions">
          <button type="button" class="button button-quiet" onClick={() => go({ view: "list" })}><Icon name="back" />{t.backToList()}</button>
          {links.value && links.value.length > 0 ? create : null}
        </div>
      </div>
      <p class="quiet">{t.linksHint({ days: sales.value?.days ?? 30 })}</p>
      {refusal.value ? <LoadFailed text={`${t.loadFailed()} ${refusalText(refusal.value)}`} onRetry={() => void load()} /> : null}
      {links.value?.length === 0 ? <Empty title={t.noLinks()} text={t.noLinksText()}>{create}</Empty> : null}
      {sales.value && links.value && links.value.length > 0 ? <Sold sales={sales.value} /> : null}
      {links.value ? <ul class="own-list">{links.value.map((link) => <li key={link.code}><One link={link} /></li>)}</ul> : null}
      {isMaking.value ? <NewLink onMade={(link) => void made(link)} onClose={() => { isMaking.value = false; }} /> : null}
    </>
  );
}

/** A page without the right to the clipboard shows the link, to be copied by hand. */
async function copy(link: AffiliateLink): Promise<void> {
  const address = location.origin + link.path;
  try {
    await navigator.clipboard.writeText(address);
    toast(words.value.copied());
  } catch {
    toast(address);
  }
}

function Sold({ sales }: { sales: LinkSales }) {
  const t = words.value;
  return (
    <section class="panel link-sales" aria-labelledby="link-sales">
      <h2 id="link-sales">{t.linkSales({ days: sales.days })}</h2>
      <dl class="link-figures">
        <div><dt>{t.linkOrders()}</dt><dd data-testid={linkIds.orders}>{number(language.value, sales.orders)}</dd></div>
        <div><dt>{t.linkPieces()}</dt><dd>{number(language.value, sales.pieces)}</dd></div>
        <div><dt>{t.linkEarned()}</dt><dd data-testid={linkIds.earned} data-minor={sales.earned_minor}>{exactMoney(language.value, sales.earned_minor)}</dd></div>
      </dl>
      <p class="quiet">{t.linkEarnedHint()} <a class="row-link" href="/studio/money">{t.earnings()}</a></p>
    </section>
  );
}

export function targetText(link: Pick<AffiliateLink, "product_name" | "live_session_title">): string {
  return link.product_name ?? link.live_session_title ?? words.value.linkShop();
}

function One({ link }: { link: AffiliateLink }) {
  const t = words.value;
  const kind = link.product_id ? t.linkKindProduct() : link.live_session_id ? t.linkKindLive() : t.linkKindShop();
  return (
    <article class="panel own" data-testid={linkIds.row(link.code)} data-path={link.path}>
      <div class="own-text">
        <h2 dir="auto">{targetText(link)} <span class="tag">{kind}</span></h2>
        <p class="quiet link-address">{location.host}{link.path}</p>
        <p>
          <span data-testid={linkIds.clicks}>{t.linkClicks({ count: link.clicks })}</span> · <span data-testid={linkIds.customers}>{t.linkCustomers({ count: link.customers })}</span>
        </p>
      </div>
      <div class="actions">
        <a class="button button-quiet" href={link.product_id ? `/products/${link.product_id}` : link.live_session_id ? `/live/${link.live_session_id}` : "/"} target="_blank" rel="noopener"><Icon name="eye" />{t.linkLook()}</a>
        <button type="button" class="button button-quiet" data-testid={linkIds.copy} aria-label={t.linkCopyOf({ name: targetText(link) })} onClick={() => void copy(link)}><Icon name="share" />{t.linkCopy()}</button>
      </div>
    </article>
  );
}
