/** One order: where it is, what is in it, what it cost, and what can be done with it. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dateTime, startTime } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { LoadFailed } from "../site/shell.tsx";
import { useLoaded, type Loaded } from "../support/loaded.ts";
import { Icon } from "../ui/icon.tsx";
import type { Reply, Refusal } from "../wire/rest.ts";
import { AgainButton } from "./again.tsx";
import { myOrder, reviewsDue, type OrderAnswer, type OrderDetail } from "./api.ts";
import { CancelForm } from "./cancel.tsx";
import { useHeard } from "./heard.ts";
import { History } from "./history.tsx";
import { Waiting } from "./list.tsx";
import { PartPanel } from "./part.tsx";
import { follow, place } from "./place.ts";
import { isOutdated, sentence } from "./refused.ts";
import { ReturnForm } from "./return.tsx";
import { Refunds, Returns } from "./returns.tsx";
import { Steps } from "./steps.tsx";
import { Address, Documents, Summary } from "./summary.tsx";
import { ids } from "./testids.ts";
import { isUnpaid, statusText, statusTone } from "./words.ts";

/** Shows what a call has answered; what it was refused with stays with who made it. */
export type Done = (answer: Reply<OrderAnswer>) => Refusal | null;

export function OrderView({ id }: { id: string }) {
  const t = words.value;
  const loaded = useLoaded(id, () => myOrder(id));
  useHeard(id, () => void loaded.load());
  const order = loaded.value.value?.order;
  const due = useDue(id, order);
  const { task } = place.value;
  return (
    <div class={task === null ? "order-page" : "orders-narrow"}>
      <a class="back-link" {...follow(task === null ? { order: null } : {})}><Icon name="back" />{task === null ? t.back() : t.toOrder()}</a>
      {loaded.refusal.value ? <LoadFailed text={`${t.orderFailed()} ${sentence(loaded.refusal.value)}`} onRetry={() => void loaded.load()} /> : null}
      {order && due.products ? <Found order={order} loaded={loaded} due={{ ...due, products: due.products }} /> : loaded.refusal.value ? null : <Waiting />}
    </div>
  );
}

function Found({ order, loaded, due }: { order: OrderDetail; loaded: Loaded<OrderAnswer>; due: Due }) {
  const { task } = place.value;
  const done: Done = (answer) => {
    if (answer.ok) loaded.put(answer.ok);
    else if (isOutdated(answer.refused)) void loaded.load();
    return answer.refused ?? null;
  };
  if (task === "cancel") return <CancelForm order={order} done={done} />;
  if (task === "return") return <ReturnForm order={order} done={done} />;
  return <Whole order={order} done={done} due={due} />;
}

function Whole({ order, done, due }: { order: OrderDetail; done: Done; due: Due }) {
  const t = words.value;
  return (
    <>
      <div class="order-head">
        <h1 data-testid={ids.status} data-status={order.status} data-tone={statusTone(order)}>{isPartlySent(order) ? t.partPartlyShipped() : statusText(t, order)}</h1>
        <p class="quiet"><span class="order-number">{t.number({ number: order.order_number })}</span> · {t.placed({ time: dateTime(language.value, order.placed_at_ms) })}</p>
      </div>
      {order.can.includes("pay") && order.pay_until_ms !== null ? (
        <div class="callout pay-callout">
          <span>{t.toPayText({ time: startTime(language.value, order.pay_until_ms, Date.now()) })}</span>
          <a class="button button-primary" data-testid={ids.pay} {...follow({ task: "pay" })}>{t.payNow({ total: order.total_minor })}</a>
        </div>
      ) : null}
      <Steps order={order} />
      <Actions order={order} />
      {returnableUntil(order) === null ? null : <p class="quiet" data-testid={ids.returnUntil}>{t.returnUntil({ time: dateTime(language.value, returnableUntil(order)!) })}</p>}
      <div class="order-columns">
        <div class="order-main">
          {order.parts.map((part) => <PartPanel key={part.wholesaler_id ?? ""} part={part} due={due.products} onRated={due.rated} />)}
          <Returns order={order} done={done} />
          <Refunds order={order} />
          <History order={order} />
        </div>
        <div class="order-side">
          <Summary order={order} />
          <Documents order={order} />
          <Address order={order} />
        </div>
      </div>
    </>
  );
}

/** Some of it has left, some has not. */
const isPartlySent = ({ status, parts }: OrderDetail): boolean =>
  status === "processing" && parts.some((part) => ["partly_shipped", "shipped", "delivered"].includes(part.status));

/** When the first of what may be sent back no longer may. */
function returnableUntil({ parts }: OrderDetail): number | null {
  const ends = parts.flatMap((part) => part.items.flatMap((item) => item.returnable_until_ms ?? []));
  return ends.length === 0 ? null : Math.min(...ends);
}

function Actions({ order }: { order: OrderDetail }) {
  const t = words.value;
  return (
    <div class="actions order-actions" role="group" aria-label={t.actions()}>
      {order.can.includes("cancel") ? <a class="button button-quiet" data-testid={ids.cancel} {...follow({ task: "cancel" })}>{isUnpaid(order) ? t.cancelOrder() : t.cancel()}</a> : null}
      {order.can.includes("return") ? <a class="button button-quiet" data-testid={ids.return} {...follow({ task: "return" })}>{t.return()}</a> : null}
      <AgainButton order={order} />
      <a class="button button-quiet" href={`/help?new=${order.id}`}>{t.help()}</a>
    </div>
  );
}

interface Due {
  /** The products of this order that the customer has and has not rated. */
  products: ReadonlySet<string>;
  rated: (product_id: string) => void;
}

/** Asked for together with the order, and null until it is known: each of them adds a line that would move what is below. */
function useDue(id: string, order: OrderDetail | undefined): Omit<Due, "products"> & { products: Due["products"] | null } {
  const products = useSignal<Due["products"] | null>(null);
  const delivered = order?.parts.reduce((sum, part) => sum + part.items.reduce((total, item) => total + item.quantity_delivered, 0), 0) ?? null;
  const asked = useRef<{ id: string; delivered: number | null } | null>(null);
  useEffect(() => {
    const before = asked.current;
    asked.current = { id, delivered };
    // The first word on how much was delivered comes from the same moment as the first answer here.
    if (before?.id === id && (before.delivered === null || before.delivered === delivered)) return;
    void reviewsDue().then((answer) => { products.value = new Set(answer.ok?.products.map((one) => one.product_id) ?? products.value ?? []); });
  }, [id, delivered]);
  return { products: products.value, rated: (product_id) => { products.value = new Set([...(products.value ?? [])].filter((one) => one !== product_id)); } };
}
