/** Cancelling lines, or pieces of them, that are not packed yet; what comes back is said before it is done. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { useAct } from "../lists/act.ts";
import { Attempts } from "../support/attempt.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import { newId } from "../wire/id.ts";
import { cancelOrder, cancelReasons, type CancelReason, type Item, type OrderDetail } from "./api.ts";
import type { Done } from "./order.tsx";
import { linesOf, Pick, type Chosen } from "./pick.tsx";
import { go } from "./place.ts";
import { cancelSum, pieces } from "./refund.ts";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";
import { cancelReasonText, isUnpaid, routeText } from "./words.ts";

const open = (item: Item) => item.cancellable;

export function CancelForm({ order, done }: { order: OrderDetail; done: Done }) {
  const t = words.value;
  const items = order.parts.flatMap((part) => part.items);
  const isWhole = isUnpaid(order);
  const chosen = useSignal<Chosen>(Object.fromEntries(items.map((item) => [item.order_item_id, item.cancellable])));
  const reason = useSignal<CancelReason | "">("");
  const wrong = useSignal<{ pick?: string; reason?: string }>({});
  const asking = useSignal(false);
  const act = useAct();
  const attempts = useRef(new Attempts(newId));
  const form = useRef<HTMLFormElement | null>(null);
  // What was packed meanwhile can no longer be chosen.
  const lines = linesOf(Object.fromEntries(items.map((item) => [item.order_item_id, Math.min(chosen.value[item.order_item_id] ?? 0, item.cancellable)])));
  const count = pieces(lines);
  const isAll = items.every((item) => item.quantity - item.quantity_cancelled === (lines.find((line) => line.order_item_id === item.order_item_id)?.quantity ?? 0));

  function check(): void {
    wrong.value = { ...(count === 0 ? { pick: t.errorPick() } : {}), ...(reason.value === "" ? { reason: t.errorReason() } : {}) };
    act.refusal.value = null;
    if (Object.keys(wrong.value).length === 0) asking.value = true;
    else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true], .stepper button:not(:disabled)")?.focus());
  }

  async function confirm(): Promise<void> {
    if (reason.value === "") return;
    const cancellation = { lines, reason: reason.value };
    await act.run(async () => {
      const answer = await cancelOrder(order.id, attempts.current.idOf(cancellation), cancellation);
      if (!done(answer)) {
        toast(t.cancelDone());
        go({ task: null }, true);
      }
      return answer;
    });
    asking.value = false;
  }

  const sum = cancelSum(order, lines);
  const action = isAll ? t.cancelActionAll() : count === 0 ? t.cancel() : t.cancelAction({ count });
  return (
    <form ref={form} class="form order-form" noValidate onSubmit={(event) => { event.preventDefault(); check(); }}>
      <div class="order-head"><h1>{isWhole ? t.cancelTitleAll({ number: order.order_number }) : t.cancelTitle({ number: order.order_number })}</h1><p class="quiet">{isWhole ? t.cancelWhole() : t.cancelIntro()}</p></div>
      <section class="panel">
        <Pick items={items} most={open} chosen={chosen} fixed={isWhole} />
        {wrong.value.pick && count === 0 ? <p class="field-error" role="alert">{wrong.value.pick}</p> : null}
      </section>
      <section class="panel">
        <Field label={t.why()} error={reason.value === "" ? wrong.value.reason : undefined}>
          {(described) => (
            <select {...described} value={reason.value} data-testid={ids.reason} onChange={(event) => { reason.value = event.currentTarget.value as CancelReason; }}>
              <option value="" disabled>{t.chooseReason()}</option>
              {cancelReasons.map((one) => <option key={one} value={one}>{cancelReasonText(t, one)}</option>)}
            </select>
          )}
        </Field>
      </section>
      {count > 0 ? <Back order={order} sum={sum} /> : null}
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
      <button type="submit" class="button button-danger" data-testid={ids.submit}>{action}</button>
      {asking.value ? (
        <Confirm title={isAll ? t.cancelAskAll({ number: order.order_number }) : t.cancelAsk({ count, number: order.order_number })}
          text={isPaid(order) ? t.cancelAskMoney({ amount: sum, route: routeText(t, "original") }) : t.cancelAskText()}
          keep={t.cancelKeep()} action={act.working.value ? t.working() : action} danger busy={act.working.value} testid={ids.confirm}
          onClose={() => { asking.value = false; }} onConfirm={() => void confirm()} />
      ) : null}
    </form>
  );
}

const isPaid = ({ payment_status }: OrderDetail) => payment_status === "paid" || payment_status === "partially_refunded";

function Back({ order, sum }: { order: OrderDetail; sum: number }) {
  const t = words.value;
  if (isPaid(order)) {
    return <p class="callout sum-line"><span>{t.comesBack()}<small>{t.comesBackTo({ route: routeText(t, "original") })}</small></span><strong data-testid={ids.sum}>{money(language.value, sum)}</strong></p>;
  }
  if (order.payment_method !== "cod") return <p class="callout">{t.nothingPaid()}</p>;
  const left = Math.max(0, order.due_minor - sum);
  return <p class="callout sum-line"><span>{t.lessToPay()}<small>{left > 0 ? t.leftToPay({ amount: left }) : t.nothingPaid()}</small></span><strong data-testid={ids.sum}>{money(language.value, sum)}</strong></p>;
}
