/** Has a parcel arrived; and, of the last one of an order in cash, who has the cash. */
import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { parcels as words } from "../i18n/parcels.ts";
import { Confirm } from "../ui/confirm.tsx";
import type { Refusal } from "../wire/rest.ts";
import { parcelStep, tookCash, type PartOrder, type Shipment } from "./api.ts";
import type { Do } from "./part-order.tsx";
import { ids } from "./testids.ts";
import { cashAtDoor, sentence } from "./words.tsx";

interface DeliverProps {
  order: PartOrder;
  shipment: Shipment;
  /** Its name. */
  parcel: string;
  act: Do;
  onClose: () => void;
}

export function DeliverDialog({ order, shipment, parcel, act, onClose }: DeliverProps) {
  const t = words.value;
  const isMine = useSignal(false);
  const working = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const count = shipment.lines.reduce((sum, line) => sum + line.quantity, 0);
  const cash = cashAtDoor(order, shipment);
  /** The cash first: a delivery alone means that the courier has it. */
  const deliver = async (): Promise<Refusal | null> => {
    if (isMine.value && cash !== null) {
      const taken = await tookCash(cash.payment_id);
      if (taken.refused) return taken.refused;
    }
    return act(() => parcelStep(shipment.id, "deliver", {}), t.isDelivered());
  };
  const send = async () => {
    working.value = true;
    refusal.value = await deliver();
    working.value = false;
    if (refusal.value === null) onClose();
  };
  return (
    <Confirm title={t.deliverTitle({ parcel })} text={t.deliverText({ count, name: order.address.name })} keep={t.keep()} action={t.markDelivered()} busy={working.value}
      testid={ids.confirmDeliver} onClose={onClose} onConfirm={() => void send()}>
      {cash ? (
        <label class="switch">
          <span><b>{t.tookCash({ amount: money(language.value, cash.amount_minor) })}</b><small>{t.tookCashHint()}</small></span>
          <input type="checkbox" role="switch" checked={isMine.value} data-testid={ids.tookCash} onChange={(event) => { isMine.value = event.currentTarget.checked; }} />
        </label>
      ) : null}
      {refusal.value ? <p class="callout callout-bad" role="alert">{sentence(refusal.value)}</p> : null}
    </Confirm>
  );
}
