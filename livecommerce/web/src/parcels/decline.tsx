/** Giving up pieces that cannot be delivered: they are cancelled, and the customer's money goes back. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { parcels as words } from "../i18n/parcels.ts";
import { Attempts } from "../support/attempt.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { decline, type DeclineReason, type PartOrder } from "./api.ts";
import type { Do } from "./part-order.tsx";
import { PiecesField } from "./pieces-field.tsx";
import { countOf, linesOf, within, worthOf, type Pieces } from "./pieces.ts";
import { ids } from "./testids.ts";
import { declineReason, declineReasons, itemName, sentence } from "./words.tsx";

export function DeclineDialog({ order, act, onClose }: { order: PartOrder; act: Do; onClose: () => void }) {
  const t = words.value;
  const open = order.items.filter((item) => item.open > 0);
  // Nothing is given up by accident, unless there is only one line to give up.
  const chosen = useSignal<Pieces>(open.length === 1 ? {} : Object.fromEntries(open.map((item) => [item.order_item_id, 0])));
  const reason = useSignal<DeclineReason>("out_of_stock");
  const refusal = useSignal<Refusal | null>(null);
  const isTried = useSignal(false);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const pieces = within(chosen.value, order.items);
  const count = countOf(pieces);
  const amount = money(language.value, worthOf(pieces, order.items));

  async function run(): Promise<void> {
    isTried.value = true;
    if (count === 0) return;
    working.value = true;
    const lines = linesOf(pieces);
    const id = attempts.current.idOf([lines, reason.value]);
    refusal.value = await act(() => decline(order.id, id, lines, reason.value), t.isDeclined({ count }));
    working.value = false;
    if (!refusal.value) onClose();
  }

  return (
    <Confirm title={t.declineTitle({ number: order.order_number })} text={t.declineText()} keep={t.keep()} action={t.declinePieces({ count, amount })} danger
      busy={working.value} testid={ids.confirmDecline} onClose={onClose} onConfirm={() => void run()}>
      <PiecesField legend={t.notDelivered()} pieces={pieces} onChange={(next) => { chosen.value = next; }} testid={(key) => `decline-${key}`}
        lines={open.map((item) => ({ key: item.order_item_id, name: itemName(item), most: item.open }))} />
      <Field label={t.whyNot()}>
        {(described) => (
          <select {...described} value={reason.value} data-testid={ids.declineReason} onChange={(event) => { reason.value = event.currentTarget.value as DeclineReason; }}>
            {declineReasons.map((one) => <option key={one} value={one}>{declineReason(one)}</option>)}
          </select>
        )}
      </Field>
      <p class="quiet">{order.is_cash_on_delivery ? t.declineCash({ amount }) : t.declineRefund({ amount })}</p>
      {isTried.value && count === 0 ? <p class="field-error" role="alert">{t.errNoPieces()}</p> : null}
      {refusal.value ? <p class="callout callout-bad" role="alert">{sentence(refusal.value)}</p> : null}
    </Confirm>
  );
}
