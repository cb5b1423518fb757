/** What one wholesaler sends: its lines, and the parcels they travel in. */
import { useSignal } from "@preact/signals";
import { dateTime, money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { written } from "../wire/product-text.ts";
import type { Item, Part, Shipment } from "./api.ts";
import { RateForm } from "./rate.tsx";
import { ids } from "./testids.ts";
import { partText, type Tone } from "./words.ts";

interface PartProps {
  part: Part;
  /** Products that have no rating of this customer yet. */
  due: ReadonlySet<string>;
  onRated: (product_id: string) => void;
}

const tones: Readonly<Record<string, Tone>> = { delivered: "good", shipped: "good", partly_shipped: "good", cancelled: "bad" };

/** The name of the only variant of a product; it says nothing. */
export const isSaying = (label: string): boolean => label !== "" && label !== "Standard";

export function PartPanel({ part, due, onRated }: PartProps) {
  const t = words.value;
  return (
    <section class="panel part" aria-label={t.soldBy({ name: part.wholesaler_name })}>
      <header class="part-head">
        <h2>{t.soldBy({ name: part.wholesaler_name })}</h2>
        <span class="tag" data-tone={tones[part.status]}>{partText(t, part.status)}</span>
      </header>
      <ul class="lines">
        {part.items.map((item) => <Line key={item.order_item_id} item={item} isDue={item.product_id !== null && item.quantity_delivered > 0 && due.has(item.product_id)} onRated={onRated} />)}
      </ul>
      {part.shipments.map((shipment, index) => <Parcel key={shipment.id} shipment={shipment} number={index + 1} part={part} />)}
    </section>
  );
}

function Line({ item, isDue, onRated }: { item: Item; isDue: boolean; onRated: (product_id: string) => void }) {
  const t = words.value;
  const rating = useSignal(false);
  const lang = written(item.name, language.value).lang;
  return (
    <li class="line-item" data-testid={ids.line(item.order_item_id)}>
      <Picture url={item.image_url} name={item.name} size={64} />
      <div class="line-item-text">
        {item.product_id === null ? <b lang={lang}>{item.name}</b> : <a lang={lang} href={`/products/${item.product_id}`}>{item.name}</a>}
        <span class="quiet">{[isSaying(item.label) ? item.label : "", `${item.quantity} × ${money(language.value, item.unit_price_minor)}`].filter(Boolean).join(" · ")}</span>
        <Units item={item} />
        {isDue && !rating.value ? <button type="button" class="link-button rate-link" data-testid={ids.rate} onClick={() => { rating.value = true; }}><Icon name="star" />{t.rate()}</button> : null}
      </div>
      <strong class="line-item-sum" data-off={item.quantity_cancelled === item.quantity}>{money(language.value, item.total_minor)}</strong>
      {rating.value && item.product_id !== null ? <RateForm product_id={item.product_id} name={item.name} onClose={() => { rating.value = false; }} onRated={onRated} /> : null}
    </li>
  );
}

/** Where the pieces of a line are, when they are not all in the same place. */
function Units({ item }: { item: Item }) {
  const t = words.value;
  const under_way = item.quantity_shipped - item.quantity_delivered;
  const places = [
    under_way > 0 ? t.unitsShipped({ count: under_way }) : "",
    item.quantity_delivered > 0 ? t.unitsDelivered({ count: item.quantity_delivered }) : "",
    item.quantity_returned > 0 ? t.unitsReturned({ count: item.quantity_returned }) : "",
    item.quantity_cancelled > 0 ? t.unitsCancelled({ count: item.quantity_cancelled }) : "",
  ].filter(Boolean);
  const isPlain = places.length === 0 || (places.length === 1 && item.quantity_cancelled === 0 && item.quantity_returned === 0 && Math.max(under_way, item.quantity_delivered) === item.quantity);
  return isPlain ? null : <span class="line-item-units">{places.join(" · ")}</span>;
}

function Parcel({ shipment, number, part }: { shipment: Shipment; number: number; part: Part }) {
  const t = words.value;
  const time = (at_ms: number) => dateTime(language.value, at_ms);
  const state = shipment.returned_at_ms !== null ? t.parcelReturned({ time: time(shipment.returned_at_ms) })
    : shipment.delivered_at_ms !== null ? t.parcelDelivered({ time: time(shipment.delivered_at_ms) })
    : shipment.shipped_at_ms !== null ? t.parcelShipped({ time: time(shipment.shipped_at_ms) })
    : t.parcelPacked({ time: time(shipment.packed_at_ms) });
  const names = shipment.lines.map((line) => t.times({ quantity: line.quantity, name: part.items.find((item) => item.order_item_id === line.order_item_id)?.name ?? "" }));
  return (
    <div class="parcel" data-testid={ids.parcel} data-status={shipment.status}>
      <Icon name="truck" />
      <div>
        <b>{part.shipments.length > 1 ? t.parcelOf({ number, count: part.shipments.length }) : t.parcel()} · {state}</b>
        {part.shipments.length > 1 ? <span class="quiet">{names.join(", ")}</span> : null}
        {shipment.tracking_number ? <span class="quiet">{shipment.carrier ? `${shipment.carrier} · ` : ""}{t.trackingNumber()} <span class="tracking-number">{shipment.tracking_number}</span></span> : shipment.carrier ? <span class="quiet">{shipment.carrier}</span> : null}
      </div>
      {isWeb(shipment.tracking_url) ? <a class="button button-quiet button-small" href={shipment.tracking_url} target="_blank" rel="noopener noreferrer" data-testid={ids.track}>{t.track()}</a> : null}
    </div>
  );
}

/** Written by people: only what leads to a web page becomes a link. */
const isWeb = (url: string | null): url is string => url !== null && /^https?:\/\//i.test(url);
