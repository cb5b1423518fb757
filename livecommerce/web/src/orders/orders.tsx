/** My orders: what a customer bought, and everything that is done with it afterwards. */
import { common } from "../i18n/common.ts";
import { orders as words } from "../i18n/orders.ts";
import { roleText } from "../people/role.ts";
import { Empty, Shell } from "../site/shell.tsx";
import { person, restoring } from "../wire/identity.ts";
import { OrderList } from "./list.tsx";
import { OrderView } from "./order.tsx";
import { PayView } from "./pay.tsx";
import { place } from "./place.ts";

export function Orders() {
  return <Shell place="orders">{person.value?.role === "customer" ? <Here /> : restoring.value ? null : <Door />}</Shell>;
}

function Here() {
  const { order, task } = place.value;
  if (order === null) return <OrderList />;
  return task === "pay" ? <PayView key={order} order_id={order} /> : <OrderView key={order} id={order} />;
}

function Door() {
  const t = words.value;
  const who = person.value;
  if (who) return <Empty title={t.title()} text={t.customersOnly({ name: who.display_name, role: roleText(who.role) })} />;
  const here = encodeURIComponent(location.pathname + location.search);
  return <Empty title={t.pleaseLogIn()}><a class="button button-primary" href={`/log-in?next=${here}`}>{common.value.logIn()}</a></Empty>;
}
