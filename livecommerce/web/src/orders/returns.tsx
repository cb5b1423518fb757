/** What was sent back, and the money that came back. */
import { useSignal } from "@preact/signals";
import { dateTime, money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { useAct } from "../lists/act.ts";
import { Confirm } from "../ui/confirm.tsx";
import { toast } from "../ui/toast.tsx";
import { withdrawReturn, type OrderDetail, type Return } from "./api.ts";
import type { Done } from "./order.tsx";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";
import { refundText, returnText, returnTones, routeText } from "./words.ts";

export function Returns({ order, done }: { order: OrderDetail; done: Done }) {
  const t = words.value;
  if (order.returns.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="returns">
      <h2 id="returns">{t.returns()}</h2>
      <ul class="returns">{order.returns.map((one) => <li key={one.id}><OneReturn one={one} done={done} /></li>)}</ul>
    </section>
  );
}

function OneReturn({ one, done }: { one: Return; done: Done }) {
  const t = words.value;
  const next = { requested: t.returnRequestedText, approved: t.returnApprovedText, received: t.returnReceivedText, rejected: null, refunded: null, cancelled: null }[one.status];
  const arrived = one.status === "received" || one.status === "refunded";
  return (
    <article class="return" data-testid={ids.returned(one.return_number)} data-status={one.status}>
      <header class="part-head">
        <span><b>{t.returnNumber({ number: one.return_number })}</b><span class="quiet"> · {dateTime(language.value, one.requested_at_ms)}</span></span>
        <span class="tag" data-tone={returnTones[one.status]}>{returnText(t, one.status)}</span>
      </header>
      <ul>
        {one.lines?.map((line) => (
          <li key={line.order_item_id} class="quiet">
            {t.times({ quantity: line.quantity, name: line.name })}
            {arrived && line.quantity_received !== line.quantity ? ` · ${t.returnArrived({ received: line.quantity_received, quantity: line.quantity })}` : ""}
          </li>
        ))}
      </ul>
      {one.decision_note ? <blockquote dir="auto">{one.decision_note}</blockquote> : null}
      {next ? <p>{next()}</p> : null}
      {one.status === "requested" || one.status === "approved" ? <Withdraw one={one} done={done} /> : null}
    </article>
  );
}

function Withdraw({ one, done }: { one: Return; done: Done }) {
  const t = words.value;
  const asking = useSignal(false);
  const act = useAct();
  async function withdraw(): Promise<void> {
    await act.run(async () => {
      const answer = await withdrawReturn(one.id);
      if (!done(answer)) {
        asking.value = false;
        toast(t.withdrawn());
      }
      return answer;
    });
  }
  return (
    <>
      <button type="button" class="link-button withdraw" data-testid={ids.withdraw} onClick={() => { act.refusal.value = null; asking.value = true; }}>{t.withdraw()}</button>
      {asking.value ? (
        <Confirm title={t.withdrawTitle({ number: one.return_number })} text={t.withdrawText()} keep={t.withdrawKeep()} action={t.withdraw()} danger busy={act.working.value}
          testid={ids.confirmWithdraw} onClose={() => { asking.value = false; }} onConfirm={() => void withdraw()}>
          {act.refusal.value ? <p class="callout callout-bad" role="alert">{sentence(act.refusal.value)}</p> : null}
        </Confirm>
      ) : null}
    </>
  );
}

export function Refunds({ order }: { order: OrderDetail }) {
  const t = words.value;
  if (order.refunds.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="refunds">
      <h2 id="refunds">{t.refunds()}</h2>
      <ul class="refunds">
        {order.refunds.map((refund) => (
          <li key={refund.id} data-status={refund.status}>
            <span><b>{refundText(t, refund.status)}</b><span class="quiet">{t.refundTo({ route: routeText(t, refund.method) })} · {dateTime(language.value, refund.created_at_ms)}</span></span>
            <strong>{money(language.value, refund.amount_minor)}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}
