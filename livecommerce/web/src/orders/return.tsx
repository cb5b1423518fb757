/** Asking to send things back: what, how many, why; how much comes back and where to, before it is asked. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ReturnReason } from "@/types/database";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { useAct } from "../lists/act.ts";
import { Attempts } from "../support/attempt.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import { newId } from "../wire/id.ts";
import { askReturn, longestComment, returnReasons, type Item, type OrderDetail, type ReturnWish } from "./api.ts";
import type { Done } from "./order.tsx";
import { upiIdOf } from "./payment-stage.ts";
import { linesOf, Pick, type Chosen } from "./pick.tsx";
import { go } from "./place.ts";
import { pieces, returnSum } from "./refund.ts";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";
import { returnReasonText, routeText } from "./words.ts";

const open = (item: Item) => item.returnable;

interface Draft {
  reason: ReturnReason | "";
  comment: string;
  upi: string;
}
type Errors = Partial<Record<"pick" | "reason" | "comment" | "upi", string>>;

export function ReturnForm({ order, done }: { order: OrderDetail; done: Done }) {
  const t = words.value;
  const items = order.parts.flatMap((part) => part.items);
  const isCash = order.payment_method === "cod";
  // Of a single piece there is nothing to choose.
  const only = items.filter((item) => item.returnable > 0);
  const chosen = useSignal<Chosen>(only.length === 1 && only[0]!.returnable === 1 ? { [only[0]!.order_item_id]: 1 } : {});
  const draft = useSignal<Draft>({ reason: "", comment: "", upi: "" });
  const errors = useSignal<Errors>({});
  const asking = useSignal(false);
  const act = useAct();
  const attempts = useRef(new Attempts(newId));
  const form = useRef<HTMLFormElement | null>(null);
  const lines = linesOf(Object.fromEntries(items.map((item) => [item.order_item_id, Math.min(chosen.value[item.order_item_id] ?? 0, item.returnable)])));
  const count = pieces(lines);

  function wrong(): Errors {
    const { reason, comment, upi } = draft.value;
    return {
      ...(count === 0 ? { pick: t.errorPick() } : {}),
      ...(reason === "" ? { reason: t.errorReason() } : {}),
      ...(comment.trim().length > longestComment ? { comment: t.errorTooLong({ max: longestComment }) } : {}),
      ...(isCash && upiIdOf(upi) === null ? { upi: t.errorUpiId() } : {}),
    };
  }
  const change = (part: Partial<Draft>) => {
    draft.value = { ...draft.value, ...part };
    if (Object.keys(errors.value).length > 0) errors.value = wrong();
  };

  function check(): void {
    errors.value = wrong();
    act.refusal.value = null;
    if (Object.keys(errors.value).length === 0) asking.value = true;
    else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(errors.value.pick ? ".stepper button:not(:disabled)" : "[aria-invalid=true]")?.focus());
  }

  async function confirm(): Promise<void> {
    const { reason, comment, upi } = draft.value;
    if (reason === "") return;
    const wish: ReturnWish = { lines, reason, comment: comment.trim() || null, upi_id: isCash ? upiIdOf(upi) : null };
    await act.run(async () => {
      const answer = await askReturn(order.id, attempts.current.idOf(wish), wish);
      if (!done(answer)) {
        toast(t.returnDone());
        go({ task: null }, true);
      }
      return answer;
    });
    asking.value = false;
  }

  const sum = returnSum(order, lines);
  const route = isCash ? upiIdOf(draft.value.upi) ?? routeText(t, "upi") : routeText(t, "original");
  return (
    <form ref={form} class="form order-form" noValidate onSubmit={(event) => { event.preventDefault(); check(); }}>
      <div class="order-head"><h1>{t.returnTitle({ number: order.order_number })}</h1><p class="quiet">{t.returnIntro()}</p></div>
      {order.parts.filter((part) => part.items.some((item) => item.returnable > 0)).map((part) => (
        <section class="panel" key={part.wholesaler_id ?? ""} aria-label={t.returnSoldBy({ name: part.wholesaler_name })}>
          <h2>{t.returnSoldBy({ name: part.wholesaler_name })}</h2>
          <Pick items={part.items} most={open} chosen={chosen} />
        </section>
      ))}
      {errors.value.pick && count === 0 ? <p class="field-error" role="alert">{errors.value.pick}</p> : null}
      <section class="panel">
        <Field label={t.why()} error={errors.value.reason}>
          {(described) => (
            <select {...described} value={draft.value.reason} data-testid={ids.reason} onChange={(event) => change({ reason: event.currentTarget.value as ReturnReason })}>
              <option value="" disabled>{t.chooseReason()}</option>
              {returnReasons.map((one) => <option key={one} value={one}>{returnReasonText(t, one)}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.comment()} optional={t.optional()} error={errors.value.comment}>
          {(described) => <textarea {...described} rows={3} dir="auto" value={draft.value.comment} data-testid={ids.comment} onInput={(event) => change({ comment: event.currentTarget.value })} />}
        </Field>
        {isCash ? (
          <Field label={t.upiId()} hint={t.upiIdHint()} error={errors.value.upi}>
            {(described) => <input {...described} value={draft.value.upi} autocomplete="off" autocapitalize="none" spellcheck={false} inputMode="email" data-testid={ids.upiId} onInput={(event) => change({ upi: event.currentTarget.value })} />}
          </Field>
        ) : null}
      </section>
      {count > 0 ? <p class="callout sum-line"><span>{t.comesBack()}<small>{t.comesBackTo({ route })} {t.refundWhen()}</small></span><strong data-testid={ids.sum}>{money(language.value, sum)}</strong></p> : null}
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
      <button type="submit" class="button button-primary" data-testid={ids.submit}>{count > 0 ? t.returnAction({ count }) : t.return()}</button>
      {asking.value ? (
        <Confirm title={t.returnAsk({ count, number: order.order_number })} text={t.returnAskText({ amount: sum, route })} keep={t.returnKeep()}
          action={act.working.value ? t.working() : t.returnAction({ count })} busy={act.working.value} testid={ids.confirm} onClose={() => { asking.value = false; }} onConfirm={() => void confirm()} />
      ) : null}
    </form>
  );
}
