/** Cancelling for the customer what is not packed yet, whole or by pieces; the customer reads why. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { useAct } from "../lists/act.ts";
import { cancelSum } from "../orders/refund.ts";
import { isUnpaid } from "../orders/words.ts";
import { PiecesField } from "../parcels/pieces-field.tsx";
import { countOf, linesOf, within, type Pieces } from "../parcels/pieces.ts";
import { itemName, sentence } from "../parcels/words.tsx";
import { Attempts } from "../support/attempt.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { newId } from "../wire/id.ts";
import { cancel, type AdminOrder } from "./api.ts";
import type { Done } from "./order.tsx";
import { ids } from "./testids.ts";

const longestReason = 500;

export function CancelDialog({ order, done, onClose }: { order: AdminOrder; done: Done; onClose: () => void }) {
  const t = words.value;
  const open = order.parts.flatMap((part) => part.items).map((item) => ({ ...item, open: item.cancellable })).filter((item) => item.open > 0);
  // An order that is not paid for is cancelled as a whole.
  const isWhole = isUnpaid(order);
  const chosen = useSignal<Pieces>({});
  const reason = useSignal("");
  const isTried = useSignal(false);
  const act = useAct();
  const attempts = useRef(new Attempts(newId));
  const input = useRef<HTMLTextAreaElement | null>(null);
  const pieces = within(chosen.value, open);
  const count = countOf(pieces);
  const lines = linesOf(pieces);
  const sum = money(language.value, cancelSum(order, lines));

  async function run(): Promise<void> {
    isTried.value = true;
    const why = reason.value.trim();
    if (why === "") input.current?.focus();
    if (why === "" || count === 0) return;
    const asked = isWhole ? null : lines;
    const id = attempts.current.idOf([asked, why]);
    if (await act.run(async () => done(await cancel(order.id, id, asked, why), t.isCancelled({ count })))) onClose();
  }

  return (
    <Confirm title={t.cancelTitle({ number: order.order_number })} text={t.cancelText()} keep={t.keep()} action={t.cancelPieces({ count })} danger busy={act.working.value}
      testid={ids.confirm} onClose={onClose} onConfirm={() => void run()}>
      {isWhole ? <p class="quiet">{t.cancelWhole()}</p> : (
        <PiecesField legend={t.cancelLegend()} pieces={pieces} onChange={(next) => { chosen.value = next; }} testid={ids.pieces}
          lines={open.map((item) => ({ key: item.order_item_id, name: itemName(item), most: item.open }))} />
      )}
      <Field label={t.cancelWhy()} hint={t.cancelWhyHint()} error={isTried.value && reason.value.trim() === "" ? t.errReason() : undefined}>
        {(described) => (
          <textarea ref={input} {...described} rows={3} maxLength={longestReason} dir="auto" value={reason.value} data-testid={ids.reason}
            onInput={(event) => { reason.value = event.currentTarget.value; }} />
        )}
      </Field>
      {count > 0 ? <p class="quiet">{isPaid(order) ? t.cancelRefund({ amount: sum }) : order.payment_method === "cod" ? t.cancelLess({ amount: sum }) : t.cancelNothing()}</p> : null}
      {isTried.value && count === 0 ? <p class="field-error" role="alert">{t.errNoPieces()}</p> : null}
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{refused(act.refusal.value)}</p> : null}
    </Confirm>
  );
}

const isPaid = ({ payment_status }: AdminOrder) => payment_status === "paid" || payment_status === "partially_refunded";

function refused(refusal: Parameters<typeof sentence>[0]): string {
  const t = words.value;
  if (refusal.code === "order.nothing_to_cancel") return t.nothingToCancel();
  return refusal.code === "order.unpaid_whole_only" ? t.cancelWhole() : sentence(refusal);
}
