/** An order in a list: its state, what is in it, what it cost. */
import { useEffect, useRef } from "preact/hooks";
import { dateTime, money, startTime } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { written } from "../wire/product-text.ts";
import type { OrderRow } from "./api.ts";
import { ids } from "./testids.ts";
import { isUnpaid, paymentText, statusText, statusTone } from "./words.ts";

export interface CardLinks {
  order: { href: string; onClick?: (event: MouseEvent) => void };
  pay: { href: string; onClick?: (event: MouseEvent) => void };
}

/** isBack: the customer comes back to the list from this order. */
export function OrderCard({ order, links, isBack = false }: { order: OrderRow; links: CardLinks; isBack?: boolean }) {
  const t = words.value;
  const link = useRef<HTMLAnchorElement | null>(null);
  useEffect(() => {
    if (!isBack) return;
    link.current?.focus({ preventScroll: true });
    link.current?.scrollIntoView({ block: "center" });
  }, []);
  const first = order.items[0];
  const unpaid = isUnpaid(order);
  return (
    <article class="panel order-card" data-testid={ids.row(order.order_number)} data-status={order.status}>
      <p class="order-card-head">
        <span class="tag" data-tone={statusTone(order)}>{statusText(t, order)}</span>
        <strong class="order-card-total">{money(language.value, order.total_minor)}</strong>
      </p>
      <div class="order-card-what">
        <span class="thumbs" aria-hidden="true">
          {order.items.slice(0, 3).map((item, index) => <Picture key={index} url={item.image_url} name={item.name} size={56} />)}
        </span>
        <span class="order-card-text">
          <a ref={link} class="order-card-link" {...links.order}>
            {first ? <span lang={written(first.name, language.value).lang}>{first.quantity > 1 ? t.times({ quantity: first.quantity, name: first.name }) : first.name}</span> : order.order_number}
            {order.item_count > 1 ? <span class="quiet"> {t.andMore({ count: order.item_count - 1 })}</span> : null}
          </a>
          <span class="quiet">{t.placed({ time: dateTime(language.value, order.placed_at_ms) })}</span>
          <span class="quiet">{order.order_number} · {paymentText(t, order)}{order.refunded_minor > 0 && order.refunded_minor < order.total_minor ? ` · ${t.refundedSome({ amount: order.refunded_minor })}` : ""}</span>
        </span>
        <Icon name="forward" />
      </div>
      {unpaid && order.pay_until_ms !== null ? (
        <p class="order-card-pay">
          <span class="deadline"><Icon name="clock" />{t.payBy({ time: startTime(language.value, order.pay_until_ms, Date.now()) })}</span>
          <a class="button button-primary button-small" {...links.pay}>{t.payNow({ total: order.total_minor })}</a>
        </p>
      ) : null}
    </article>
  );
}
