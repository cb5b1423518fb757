/** The audit trail of attribution: to whom a line was attributed, why, by which touch, under which rule. */
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { Table, type Column } from "../lists/table.tsx";
import { itemName, time } from "../parcels/words.tsx";
import type { AdminOrder, Attribution } from "./api.ts";
import { ids } from "./testids.ts";
import { attributionKind, attributionReason } from "./words.ts";

export function Attributions({ order }: { order: AdminOrder }) {
  const t = words.value;
  return (
    <section class="panel" aria-labelledby="attributions">
      <h2 id="attributions">{t.attributions()}</h2>
      <Table caption={t.attributions()} columns={columns(order)} rows={order.attributions} keyOf={(one) => one.order_item_id} testid={(one) => ids.attribution(one.order_item_id)} />
    </section>
  );
}

function columns(order: AdminOrder): Column<Attribution>[] {
  const t = words.value;
  const items = order.parts.flatMap((part) => part.items);
  const nameOf = ({ order_item_id }: Attribution) => {
    const item = items.find((one) => one.order_item_id === order_item_id);
    return item ? itemName(item) : "–";
  };
  return [
    { key: "item", label: t.item(), head: true, cell: (one) => <span dir="auto">{nameOf(one)}</span> },
    { key: "to", label: t.attributedTo(), cell: (one) => <span dir="auto">{one.influencer_name || t.nobody()}{one.live_session_title ? <small class="quiet cell-note">{one.live_session_title}</small> : null}</span> },
    { key: "kind", label: t.attributionKind(), cell: (one) => <span data-kind={one.kind ?? ""}>{attributionKind(one)}</span> },
    { key: "reason", label: t.attributionReason(), cell: attributionReason },
    { key: "touch", label: t.touch(), cell: (one) => (one.attributed_at_ms === null ? "–" : time(one.attributed_at_ms)) },
    { key: "rule", label: t.rule(), figures: true, cell: (one) => one.rule ?? "–" },
  ];
}
