import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { orders as orderWords } from "../i18n/orders.ts";
import { refusalText } from "../i18n/refusal.ts";
import { site as words } from "../i18n/site.ts";
import { addressOf } from "../orders/address.ts";
import { myOrders, type OrderRow } from "../orders/api.ts";
import { OrderCard } from "../orders/order-card.tsx";
import { roleText } from "../people/role.ts";
import { logOut, person, restoring, type Person } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import { Addresses } from "./addresses.tsx";
import { PaymentDetails } from "./payment-details.tsx";
import { Empty, LoadFailed, Shell } from "./shell.tsx";

export function Account() {
  const t = words.value;
  const who = person.value;
  return (
    <Shell place="account">
      {who ? <Signed who={who} /> : restoring.value ? null : (
        <Empty title={t.pleaseLogIn()}><a class="button button-primary" href="/log-in?next=%2Faccount">{common.value.logIn()}</a></Empty>
      )}
    </Shell>
  );
}

function Signed({ who }: { who: Person }) {
  const t = words.value;
  return (
    <>
      <h1>{t.accountTitle()}</h1>
      <div class="account">
        <section class="panel" aria-labelledby="profile">
          <h2 id="profile">{t.profile()}</h2>
          <dl class="facts">
            <div><dt>{t.nameLabel()}</dt><dd>{who.display_name}</dd></div>
            {who.email ? <div><dt>{t.email()}</dt><dd>{who.email}</dd></div> : null}
            <div><dt>{t.role()}</dt><dd>{roleText(who.role)}</dd></div>
          </dl>
          <h3>{t.canDo()}</h3>
          <ul class="can">
            <li><a href="/">{t.canWatch()}</a></li>
            {who.role === "customer" ? <li><a href="/">{t.canBuy()}</a></li> : null}
            {who.role === "customer" ? <li><a href="/orders">{common.value.myOrders()}</a></li> : null}
            {who.role === "customer" ? <li><a href="/wishlist">{t.canWish()}</a></li> : null}
            {who.role === "customer" ? <li><a href="/help">{t.helpText()}</a></li> : null}
            {desksOf(who.role).map(([href, label]) => <li key={href}><a href={href}>{label}</a></li>)}
          </ul>
          <button type="button" class="button button-quiet" data-testid="log-out" onClick={() => void logOut().then(() => location.assign("/"))}>{common.value.logOut()}</button>
        </section>
        {who.role === "customer" ? <Own name={who.display_name} /> : null}
        {who.role === "wholesaler" || who.role === "influencer" ? <PaymentDetails withUpi={who.role === "influencer"} /> : null}
      </div>
    </>
  );
}

/** What has to be asked for stands below what is known at once, and comes from above to below: nothing moves under a finger. */
function Own({ name }: { name: string }) {
  const ordersKnown = useSignal(false);
  return (
    <div class="account-own">
      <Orders onKnown={() => { ordersKnown.value = true; }} />
      <Addresses name={name} waits={!ordersKnown.value} />
    </div>
  );
}

/** Where a role works. */
function desksOf(role: Person["role"]): readonly (readonly [string, string])[] {
  const t = words.value;
  if (role === "wholesaler") return [["/business", t.canSell()], ["/business/orders", t.canShip()], ["/business/money", t.canEarn()]];
  if (role === "influencer") return [["/studio", t.canGoLive()], ["/studio?links", t.canLink()], ["/studio/money", t.canEarn()]];
  if (role === "admin") return [["/admin/queries", t.canSupport()], ["/admin/orders", t.canFindOrders()], ["/admin/money", t.canPay()], ["/admin/reviews", t.canModerate()]];
  return [];
}

/** The newest of them; the rest, and what can be done with each, has a page of its own. */
const most = 3;

function Orders({ onKnown }: { onKnown: () => void }) {
  const t = orderWords.value;
  const orders = useSignal<readonly OrderRow[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const load = async () => {
    const answer = await myOrders("");
    if (answer.ok) orders.value = answer.ok.orders;
    refusal.value = answer.refused ?? null;
    onKnown();
  };
  useEffect(() => void load(), []);
  return (
    <section aria-labelledby="orders">
      <h2 id="orders">{t.title()}</h2>
      {refusal.value ? <LoadFailed text={refusalText(refusal.value)} onRetry={() => void load()} /> : null}
      {orders.value === null ? null : orders.value.length === 0 ? (
        <Empty title={t.emptyTitle()} text={t.emptyText()}><a class="button button-primary" href="/">{t.findLive()}</a></Empty>
      ) : (
        <>
          <ul class="order-cards">{orders.value.slice(0, most).map((order) => <li key={order.id}><OrderCard order={order} links={linksTo(order.id)} /></li>)}</ul>
          <a class="button button-quiet" href="/orders">{t.seeAll()}</a>
        </>
      )}
    </section>
  );
}

const linksTo = (order: string) => ({
  order: { href: addressOf({ order, task: null, after: "" }) },
  pay: { href: addressOf({ order, task: "pay", after: "" }) },
});
