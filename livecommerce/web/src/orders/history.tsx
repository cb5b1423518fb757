import { dateTime } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import type { OrderDetail } from "./api.ts";
import { ids } from "./testids.ts";
import { history } from "./timeline.ts";
import { eventText } from "./words.ts";

export function History({ order }: { order: OrderDetail }) {
  const t = words.value;
  return (
    <section class="panel order-history" aria-labelledby="history">
      <h2 id="history">{t.history()}</h2>
      <ol class="history" data-testid={ids.history}>
        {history(order.timeline).map((event, index) => (
          <li key={index}>
            <time dateTime={new Date(event.at_ms).toISOString()}>{dateTime(language.value, event.at_ms)}</time>
            <span>{eventText(t, event)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
