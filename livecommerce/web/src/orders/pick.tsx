/** Choosing lines of an order and how many pieces of each. */
import type { Signal } from "@preact/signals";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { written } from "../wire/product-text.ts";
import type { Item, LineChoice } from "./api.ts";
import { isSaying } from "./part.tsx";
import { ids } from "./testids.ts";

/** Pieces by line. */
export type Chosen = Readonly<Record<string, number>>;

export const linesOf = (chosen: Chosen): LineChoice[] =>
  Object.entries(chosen).filter(([, quantity]) => quantity > 0).map(([order_item_id, quantity]) => ({ order_item_id, quantity }));

interface PickProps {
  items: readonly Item[];
  most: (item: Item) => number;
  chosen: Signal<Chosen>;
  /** All or nothing: the pieces are shown and cannot be changed. */
  fixed?: boolean;
}

export function Pick({ items, most, chosen, fixed = false }: PickProps) {
  return <ul class="lines pick">{items.filter((item) => most(item) > 0).map((item) => <PickLine key={item.order_item_id} item={item} most={most(item)} chosen={chosen} fixed={fixed} />)}</ul>;
}

function PickLine({ item, most, chosen, fixed }: { item: Item; most: number; chosen: Signal<Chosen>; fixed: boolean }) {
  const t = words.value;
  const id = item.order_item_id;
  const units = Math.min(chosen.value[id] ?? 0, most);
  const set = (quantity: number) => { chosen.value = { ...chosen.value, [id]: quantity }; };
  return (
    <li class="line-item" data-testid={ids.line(id)} data-chosen={units > 0}>
      <Picture url={item.image_url} name={item.name} size={56} />
      <div class="line-item-text">
        <b lang={written(item.name, language.value).lang}>{item.name}</b>
        <span class="quiet">{isSaying(item.label) ? `${item.label} · ` : ""}{t.each({ price: item.unit_price_minor })}</span>
      </div>
      {fixed ? <strong data-testid={ids.units(id)}>{units} ×</strong> : (
        <div class="pick-units" role="group" aria-label={t.howMany({ name: item.name })}>
          <span class="stepper">
            <button type="button" aria-label={t.less()} data-testid={ids.less(id)} disabled={units <= 0} onClick={() => set(units - 1)}><Icon name="minus" /></button>
            <output data-testid={ids.units(id)} aria-live="polite">{units}</output>
            <button type="button" aria-label={t.more()} data-testid={ids.more(id)} disabled={units >= most} onClick={() => set(units + 1)}><Icon name="plus" /></button>
          </span>
          <small class="quiet">{t.ofMost({ most })}</small>
        </div>
      )}
    </li>
  );
}
