import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { dateTime, money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { refusalText } from "../i18n/refusal.ts";
import { site as words } from "../i18n/site.ts";
import { roleText } from "../people/role.ts";
import { logOut, person, restAs, restoring, type Person } from "../wire/identity.ts";
import { written } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { paymentText, statusText, type PlacedOrder } from "./order-words.ts";
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
        {who.role === "customer" ? <Orders /> : null}
        {who.role === "wholesaler" || who.role === "influencer" ? <PaymentDetails withUpi={who.role === "influencer"} /> : null}
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
            {who.role === "influencer" ? <li><a href="/studio">{t.canGoLive()}</a></li> : null}
            {who.role === "customer" ? <li><a href="/help">{t.helpText()}</a></li> : null}
            {who.role === "admin" ? <li><a href="/admin/queries">{t.canSupport()}</a></li> : null}
          </ul>
          <button type="button" class="button button-quiet" data-testid="log-out" onClick={() => void logOut().then(() => location.assign("/"))}>{common.value.logOut()}</button>
        </section>
      </div>
    </>
  );
}

function Orders() {
  const t = words.value;
  const orders = useSignal<readonly PlacedOrder[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const load = async () => {
    const answer = await restAs<{ orders: PlacedOrder[] }>("/me/orders");
    if (answer.ok) orders.value = answer.ok.orders;
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => void load(), []);
  return (
    <section aria-labelledby="orders">
      <h2 id="orders">{t.orders()}</h2>
      {refusal.value ? <LoadFailed text={refusalText(refusal.value)} onRetry={() => void load()} /> : null}
      {orders.value === null ? null : orders.value.length === 0 ? (
        <Empty title={t.noOrders()} text={t.noOrdersText()}><a class="button button-primary" href="/">{t.findLive()}</a></Empty>
      ) : (
        <ul class="orders">{orders.value.map((order) => <li key={order.id}><OrderCard order={order} /></li>)}</ul>
      )}
    </section>
  );
}

function OrderCard({ order }: { order: PlacedOrder }) {
  const t = words.value;
  return (
    <article class="panel order" data-testid={`order-${order.order_number}`}>
      <header>
        <div>
          <h3>{order.order_number}</h3>
          <p class="quiet">{t.orderPlaced({ time: dateTime(language.value, order.placed_at_ms) })}</p>
        </div>
        <span class="tag" data-tone={order.status === "cancelled" ? "bad" : order.status === "refunded" ? undefined : "good"}>{statusText(t, order)}</span>
      </header>
      <ul>
        {order.items.map((item) => (
          <li key={`${item.variant_id}`}><span lang={written(item.name, language.value).lang}>{item.quantity} × {item.name}{item.label && item.label !== "Standard" ? `, ${item.label}` : ""}</span><span>{money(language.value, item.total_minor)}</span></li>
        ))}
      </ul>
      <footer>
        <span class="quiet">{t.deliverTo({ name: order.address.name, city: order.address.city })}</span>
        <span class="order-total"><span class="quiet">{paymentText(t, order)}</span><strong>{money(language.value, order.total_minor)}</strong></span>
        <a class="button button-quiet button-small order-help" href={`/help?new=${order.id}`}>{t.orderHelp()}</a>
      </footer>
    </article>
  );
}
