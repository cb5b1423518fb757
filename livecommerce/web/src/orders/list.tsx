/** The customer's orders, the newest first, a page at a time. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { orders as words } from "../i18n/orders.ts";
import { Empty, LoadFailed } from "../site/shell.tsx";
import { useLoaded } from "../support/loaded.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { myOrders, reviewsDue, type DueReview, type OrdersPage } from "./api.ts";
import { useHeard } from "./heard.ts";
import { OrderCard } from "./order-card.tsx";
import { follow, go, place } from "./place.ts";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";

/** Pages seen before, shown at once on the way back; and the order that the customer comes back from. */
const seen = new Map<string, OrdersPage>();
let cameFrom: string | null = null;

export function OrderList() {
  const t = words.value;
  const { after } = place.value;
  const loaded = useLoaded(after, async () => {
    const answer = await myOrders(after);
    if (answer.ok) seen.set(after, answer.ok);
    return answer.ok ? { ok: { after, page: answer.ok } } : answer;
  });
  useHeard(null, () => void loaded.load());
  useEffect(askDue, []);
  useEffect(() => () => { cameFrom = place.value.order; }, []);
  const shown = loaded.value.value;
  const page = shown?.after === after ? shown.page : seen.get(after) ?? null;
  const waits = page === null || (after === "" && due.value === undefined);
  return (
    <div class="orders-narrow">
      <h1>{t.title()}</h1>
      {loaded.refusal.value ? <LoadFailed text={`${t.loadFailed()} ${sentence(loaded.refusal.value)}`} onRetry={() => void loaded.load()} /> : null}
      {waits ? (loaded.refusal.value ? null : <Waiting />) : <Found page={page} after={after} stale={loaded.refusal.value !== null} />}
    </div>
  );
}

function Found({ page, after, stale }: { page: OrdersPage; after: string; stale: boolean }) {
  const t = words.value;
  if (page.orders.length === 0 && after === "") {
    return <Empty title={t.emptyTitle()} text={t.emptyText()}><a class="button button-primary" href="/">{t.findLive()}</a></Empty>;
  }
  return (
    <>
      {after === "" ? <Due /> : null}
      {page.orders.length === 0 ? <p class="empty">{t.emptyPage()}</p> : null}
      <ul class="order-cards" data-stale={stale}>
        {page.orders.map((order) => (
          <li key={order.id}><OrderCard order={order} isBack={order.id === cameFrom} links={{ order: follow({ order: order.id }), pay: follow({ order: order.id, task: "pay" }) }} /></li>
        ))}
      </ul>
      {after !== "" || page.next !== null ? (
        <nav class="pager" aria-label={t.pages()}>
          {after === "" ? <span /> : <a class="button button-quiet" data-testid={ids.newest} {...follow({ after: "" })}><Icon name="back" />{t.newest()}</a>}
          {page.next === null ? null : <a class="button button-quiet" data-testid={ids.older} {...follow({ after: page.next })}>{t.older()}<Icon name="forward" /></a>}
        </nav>
      ) : null}
    </>
  );
}

/** Undefined while it is not known. Above the orders, so they are shown together: none of them moves under a finger. */
const due = signal<DueReview | null | undefined>(undefined);

function askDue(): void {
  void reviewsDue().then((answer) => { due.value = answer.ok?.products[0] ?? null; });
}

/** One product that came and has no rating yet: a list of all of them would be homework. */
function Due() {
  const t = words.value;
  if (!due.value) return null;
  const { name, image_url, order_id } = due.value;
  return (
    <div class="rate-due" data-testid={ids.rateDue}>
      <Picture url={image_url} name={name} size={40} />
      <span>{t.rateName({ name })}</span>
      <button type="button" class="button button-quiet button-small" onClick={() => go({ order: order_id })}>{t.rate()}</button>
    </div>
  );
}

export function Waiting() {
  return <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p>;
}
