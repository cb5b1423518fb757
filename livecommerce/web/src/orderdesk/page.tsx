/** The desk of orders: every order and every return, whoever sells or buys. */
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { AdminNav } from "../lists/admin-nav.tsx";
import { Door } from "../lists/door.tsx";
import { Tabs } from "../lists/tabs.tsx";
import { AdminOrderView } from "./order.tsx";
import { follow, place, to } from "./place.ts";
import { Queue } from "./queue.tsx";
import { Returns } from "./returns.tsx";

export function OrderDesk() {
  return <Door place="admin" role="admin" title={words.value.title()}><AdminNav here="orders" /><Here /></Door>;
}

function Here() {
  const t = words.value;
  const { view, order } = place.value;
  if (order !== "") return <AdminOrderView key={order} id={order} />;
  return (
    <>
      <div class="page-head">
        <h1>{t.title()}</h1>
        <Tabs inner label={t.title()} here={view} choices={[
          { key: "orders", label: t.orders(), way: follow(to({ view: "orders" }, true)) },
          { key: "returns", label: t.returns(), way: follow(to({ view: "returns" }, true)) },
        ]} />
      </div>
      {view === "returns" ? <Returns /> : <Queue />}
    </>
  );
}
