/** What a wholesaler or an influencer earns, and the coupons that they give. */
import type { ComponentChildren } from "preact";
import { BusinessNav } from "../business/nav.tsx";
import { Coupons } from "../coupons/coupons.tsx";
import { coupons as couponWords } from "../i18n/coupons.ts";
import { statement as words } from "../i18n/statement.ts";
import { common } from "../i18n/common.ts";
import { Door } from "../lists/door.tsx";
import { Tabs } from "../lists/tabs.tsx";
import { Icon } from "../ui/icon.tsx";
import { here } from "./place.ts";
import { StatementView } from "./statement.tsx";
import type { PayeeKind } from "./api.ts";

export function BusinessMoney() {
  return <Door place="business" role="wholesaler" title={words.value.title()}><Money kind="wholesaler"><BusinessNav here="money" /></Money></Door>;
}

export function StudioMoney() {
  return (
    <Door place="studio" role="influencer" title={words.value.title()}>
      <Money kind="influencer"><a class="back-link" href="/studio"><Icon name="back" />{common.value.studio()}</a></Money>
    </Door>
  );
}

function Money({ kind, children }: { kind: PayeeKind; children: ComponentChildren }) {
  const t = words.value;
  const { view } = here.place.value;
  const influencer = kind === "influencer";
  return (
    <>
      {children}
      <div class="page-head">
        <h1>{influencer ? t.titleInfluencer() : t.title()}</h1>
        <Tabs inner label={t.title()} here={view} choices={[
          { key: "statement", label: t.statement(), way: here.follow(here.to({ view: "statement" }, true)) },
          { key: "coupons", label: couponWords.value.title(), way: here.follow(here.to({ view: "coupons" }, true)) },
        ]} />
      </div>
      {view === "coupons" ? <Coupons maker={kind} here={here} /> : (
        <StatementView kind={kind} of={`/${kind}`} here={here}>
          <p class="quiet">{t.bankHint()} <a class="row-link" href="/account">{t.bankLink()}</a></p>
        </StatementView>
      )}
    </>
  );
}
