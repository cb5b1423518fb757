/** What of a return has come in: pieces by line, and whether they can be sold again. Money goes back for what came. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { parcels as words } from "../i18n/parcels.ts";
import { Confirm } from "../ui/confirm.tsx";
import type { Reply } from "../wire/rest.ts";
import { receive, type ReceivedLine, type Return } from "./api.ts";
import { PiecesRow } from "./pieces-field.tsx";
import { ids } from "./testids.ts";
import { itemName } from "./words.tsx";

interface ReceiveDialogProps {
  one: Return;
  working: boolean;
  refused: ComponentChildren;
  onClose: () => void;
  onSend: (call: () => Promise<Reply<unknown>>, said: string) => Promise<void>;
}

export function ReceiveDialog({ one, working, refused, onClose, onSend }: ReceiveDialogProps) {
  const t = words.value;
  // A damaged piece is seldom sold again: its wholesaler says so if it is.
  const sound = one.reason !== "damaged";
  const lines = useSignal<readonly ReceivedLine[]>((one.lines ?? []).map((line) => ({ order_item_id: line.order_item_id, quantity_received: line.quantity, is_restocked: sound })));
  const count = lines.value.reduce((sum, line) => sum + line.quantity_received, 0);
  const change = (id: string, part: Partial<ReceivedLine>) => {
    lines.value = lines.value.map((line) => (line.order_item_id === id ? { ...line, ...part } : line));
  };
  return (
    <Confirm title={t.receiveTitle({ number: one.return_number })} text={t.receiveText()} keep={t.keep()} action={t.receivePieces({ count })} busy={working}
      testid={ids.confirmReceive} onClose={onClose} onConfirm={() => void onSend(() => receive(one.id, lines.value), t.isReceived({ number: one.return_number }))}>
      <fieldset class="pieces">
        <legend>{t.cameInLegend()}</legend>
        {(one.lines ?? []).map((line) => {
          const draft = lines.value.find((other) => other.order_item_id === line.order_item_id)!;
          return (
            <div key={line.order_item_id} class="received">
              <PiecesRow name={itemName(line)} most={line.quantity} value={draft.quantity_received} testid={ids.received(line.order_item_id)}
                onChange={(quantity_received) => change(line.order_item_id, { quantity_received })} />
              <label class="tick">
                <input type="checkbox" checked={draft.is_restocked} disabled={draft.quantity_received === 0} data-testid={ids.restockOf(line.order_item_id)}
                  onChange={(event) => change(line.order_item_id, { is_restocked: event.currentTarget.checked })} />
                {t.restock()}
              </label>
            </div>
          );
        })}
      </fieldset>
      {refused}
    </Confirm>
  );
}
