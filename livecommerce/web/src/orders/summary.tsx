/** What the order cost, where it goes, and its papers. */
import { useSignal } from "@preact/signals";
import { dateTime, money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { download } from "../wire/download.ts";
import type { Invoice, OrderDetail } from "./api.ts";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";
import { methodText, paymentText } from "./words.ts";

export function Summary({ order }: { order: OrderDetail }) {
  const t = words.value;
  const sum = (minor: number) => money(language.value, minor);
  return (
    <section class="panel" aria-labelledby="summary">
      <h2 id="summary">{t.summary()}</h2>
      <dl class="sums">
        <div><dt>{t.items()}</dt><dd>{sum(order.subtotal_minor)}</dd></div>
        {order.discount_minor > 0 ? <div><dt>{order.coupon_code ? t.discountCode({ code: order.coupon_code }) : t.discount()}</dt><dd>−{sum(order.discount_minor)}</dd></div> : null}
        <div><dt>{t.shipping()}</dt><dd>{order.shipping_minor > 0 ? sum(order.shipping_minor) : t.free()}</dd></div>
        {order.cod_fee_minor > 0 ? <div><dt>{t.codFee()}</dt><dd>{sum(order.cod_fee_minor)}</dd></div> : null}
        <div class="sums-total"><dt>{t.total()}</dt><dd>{sum(order.total_minor)}</dd></div>
        {order.payment_method === "cod" && order.due_minor > 0 && order.due_minor !== order.total_minor ? <div><dt>{t.due()}</dt><dd>{sum(order.due_minor)}</dd></div> : null}
        {order.refunded_minor > 0 ? <div><dt>{t.cameBack()}</dt><dd>{sum(order.refunded_minor)}</dd></div> : null}
      </dl>
      <p class="pay-line"><span class="quiet">{methodText(t, order.payment_method)}</span><b>{paymentText(t, order)}</b></p>
    </section>
  );
}

export function Address({ order: { address, buyer_gstin } }: { order: OrderDetail }) {
  const t = words.value;
  return (
    <section class="panel" aria-labelledby="address">
      <h2 id="address">{t.address()}</h2>
      <address>
        <b>{address.name}</b>
        {[address.line1, address.line2, address.landmark, `${address.city} ${address.postal_code}`, address.state, address.phone].filter(Boolean).map((line, index) => <span key={index}>{line}</span>)}
        {buyer_gstin ? <span>{t.gstin({ gstin: buyer_gstin })}</span> : null}
      </address>
    </section>
  );
}

export function Documents({ order }: { order: OrderDetail }) {
  const t = words.value;
  if (order.invoices.length === 0 && order.status === "cancelled") return null;
  return (
    <section class="panel" aria-labelledby="documents">
      <h2 id="documents">{t.documents()}</h2>
      {order.invoices.length === 0 ? <p class="quiet">{t.documentsNone()}</p> : (
        <ul class="documents">{order.invoices.map((invoice) => <li key={invoice.id}><Document order_id={order.id} invoice={invoice} /></li>)}</ul>
      )}
    </section>
  );
}

function Document({ order_id, invoice }: { order_id: string; invoice: Invoice }) {
  const t = words.value;
  const working = useSignal(false);
  const named = { invoice: t.invoice, bill_of_supply: t.billOfSupply, credit_note: t.creditNote }[invoice.document_type];
  async function get(): Promise<void> {
    working.value = true;
    const refused = await download(`/orders/${order_id}/invoices/${invoice.id}.pdf`, `${invoice.number.replaceAll("/", "-")}.pdf`);
    working.value = false;
    if (refused) toast(`${t.downloadFailed()} ${sentence(refused)}`);
  }
  return (
    <button type="button" class="document" data-testid={ids.document(invoice.number)} aria-disabled={working.value} onClick={() => { if (!working.value) void get(); }}>
      <Icon name="file" />
      <span><b>{named({ number: invoice.number })}</b><span class="quiet">{invoice.wholesaler_name} · {dateTime(language.value, invoice.issued_at_ms)} · {money(language.value, invoice.total_minor)}</span></span>
      <span class="document-action">{working.value ? t.downloading() : t.download()}</span>
    </button>
  );
}
