/** Beside an order: who bought it, how its payment stands, its papers; and below, what happened to it. */
import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { orders as orderWords } from "../i18n/orders.ts";
import type { Invoice } from "../orders/api.ts";
import { history } from "../orders/timeline.ts";
import { methodText } from "../orders/words.ts";
import { documentType, sentence, time } from "../parcels/words.tsx";
import { toast } from "../ui/toast.tsx";
import { download } from "../wire/download.ts";
import { paperPath, type AdminOrder } from "./api.ts";
import { ids } from "./testids.ts";
import { eventWords, paymentState } from "./words.ts";

export function Customer({ order }: { order: AdminOrder }) {
  const t = words.value;
  return (
    <section class="panel" aria-labelledby="customer">
      <h2 id="customer">{t.customer()}</h2>
      <dl class="facts">
        <div><dt>{t.name()}</dt><dd dir="auto">{order.customer_name || t.noCustomer()}</dd></div>
        {order.customer_email ? <div><dt>{t.email()}</dt><dd><a href={`mailto:${order.customer_email}`}>{order.customer_email}</a></dd></div> : null}
        {order.customer_phone ? <div><dt>{t.phone()}</dt><dd><a href={`tel:${order.customer_phone}`}>{order.customer_phone}</a></dd></div> : null}
      </dl>
    </section>
  );
}

export function PaymentState({ order: { payment, due_minor } }: { order: AdminOrder }) {
  const t = words.value;
  if (payment === null) return null;
  return (
    <section class="panel" aria-labelledby="payment">
      <h2 id="payment">{t.payment()}</h2>
      <dl class="facts">
        <div><dt>{t.by()}</dt><dd>{methodText(orderWords.value, payment.provider)}</dd></div>
        <div><dt>{t.state()}</dt><dd data-status={payment.status}>{paymentState(payment.status)}</dd></div>
        {due_minor > 0 ? <div><dt>{t.due()}</dt><dd>{money(language.value, due_minor)}</dd></div> : null}
      </dl>
    </section>
  );
}

export function Papers({ order }: { order: AdminOrder }) {
  const t = words.value;
  if (order.invoices.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="papers">
      <h2 id="papers">{t.papers()}</h2>
      <ul class="plain-list">{order.invoices.map((paper) => <li key={paper.id}><PaperLine order={order.id} paper={paper} /></li>)}</ul>
    </section>
  );
}

function PaperLine({ order, paper }: { order: string; paper: Invoice }) {
  const t = words.value;
  const working = useSignal(false);
  const fetchIt = async () => {
    working.value = true;
    const refusal = await download(paperPath(order, paper.id), `${paper.number.replace(/[^\w-]+/g, "-")}.pdf`);
    working.value = false;
    if (refusal) toast(sentence(refusal));
  };
  return (
    <span class="row">
      <span><strong>{paper.number}</strong><small class="quiet cell-note">{documentType(paper.document_type)} · {paper.wholesaler_name} · {money(language.value, paper.total_minor)}</small></span>
      <button type="button" class="button button-quiet button-small" data-testid={ids.paper(paper.number)} aria-label={`${t.pdf()}: ${paper.number}`} aria-disabled={working.value}
        onClick={() => { if (!working.value) void fetchIt(); }}>{t.pdf()}</button>
    </span>
  );
}

export function History({ order }: { order: AdminOrder }) {
  return (
    <section class="panel" aria-labelledby="history">
      <h2 id="history">{words.value.history()}</h2>
      <ol class="history">
        {history(order.timeline).map((event, index) => (
          <li key={index}><time dateTime={new Date(event.at_ms).toISOString()}>{time(event.at_ms)}</time><span dir="auto">{eventWords(event)}</span></li>
        ))}
      </ol>
    </section>
  );
}
