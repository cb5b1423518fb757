/** The money desk: payouts, cash on delivery, UPI, refunds, what payment providers sent, coupons, the ledger. Admins only. */
import { Coupons } from "../coupons/coupons.tsx";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { coupons as couponWords } from "../i18n/coupons.ts";
import { AdminNav } from "../lists/admin-nav.tsx";
import { Door } from "../lists/door.tsx";
import { Tabs } from "../lists/tabs.tsx";
import { Batches } from "./batches.tsx";
import { Cod } from "./cod.tsx";
import { Events } from "./events.tsx";
import { LedgerView } from "./ledger.tsx";
import { PayeeView, Payees } from "./payees.tsx";
import { BatchView } from "./payouts.tsx";
import { here } from "./place.ts";
import { Refunds } from "./refunds.tsx";
import { Upi } from "./upi.tsx";

export function Cashdesk() {
  return <Door place="admin" role="admin" title={words.value.title()}><AdminNav here="money" /><Here /></Door>;
}

function Here() {
  const t = words.value;
  const { view } = here.place.value;
  const tabs: [string, string][] = [
    ["payouts", t.payouts()], ["payees", t.balances()], ["cod", t.cod()], ["upi", t.upi()], ["refunds", t.refunds()], ["events", t.events()],
    ["coupons", couponWords.value.title()], ["ledger", t.ledger()],
  ];
  return (
    <>
      <div class="page-head"><h1>{t.title()}</h1></div>
      <Tabs inner label={t.title()} here={view} choices={tabs.map(([key, label]) => ({ key, label, way: here.follow(here.to({ view: key }, true)) }))} />
      <View />
    </>
  );
}

function View() {
  const { view, batch, payee } = here.place.value;
  switch (view) {
    case "payees":
      return payee === "" ? <Payees /> : <PayeeView key={payee} payee={payee} />;
    case "cod":
      return <Cod />;
    case "upi":
      return <Upi />;
    case "refunds":
      return <Refunds />;
    case "events":
      return <Events />;
    case "coupons":
      return <Coupons maker="admin" here={here} />;
    case "ledger":
      return <LedgerView />;
    default:
      return batch === "" ? <Batches /> : <BatchView key={batch} batch={batch} />;
  }
}
