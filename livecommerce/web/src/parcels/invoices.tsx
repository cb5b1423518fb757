import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { parcels as words } from "../i18n/parcels.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import { Table } from "../lists/table.tsx";
import { Empty } from "../site/shell.tsx";
import { toast } from "../ui/toast.tsx";
import { download } from "../wire/download.ts";
import { invoicePath, invoices, type Invoice } from "./api.ts";
import { follow, place, to } from "./place.ts";
import { ids } from "./testids.ts";
import { documentType, sentence, time } from "./words.tsx";

export function Invoices() {
  const t = words.value;
  const { after } = place.value;
  const listed = useListed(after, () => invoices(after));
  const older = listed.page?.next;
  return (
    <>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.invoices.length === 0 ? <Empty title={t.noInvoices()} text={t.noInvoicesText()} /> : (
          <Table caption={t.invoices()} rows={page.invoices} keyOf={(invoice) => invoice.id} columns={[
            { key: "number", label: t.number(), head: true, cell: (invoice) => invoice.number },
            { key: "type", label: t.document(), cell: (invoice) => documentType(invoice.document_type) },
            { key: "order", label: t.order(), cell: (invoice) => <a class="row-link" {...follow(to({ order: invoice.order_id }))}>{invoice.order_number}</a> },
            { key: "issued", label: t.issued(), cell: (invoice) => time(invoice.issued_at_ms) },
            { key: "total", label: t.total(), figures: true, cell: (invoice) => money(language.value, invoice.total_minor) },
            { key: "file", label: t.pdf(), bare: true, cell: (invoice) => <Pdf order={invoice.order_id} invoice={invoice} label={t.pdf()} /> },
          ]} />
        )}
      </ListView>
      <Pager older={older ? follow(to({ after: older })) : null} first={after === "" ? null : follow(to({ after: "" }))} />
    </>
  );
}

/** For the side of an order. */
export function InvoiceLink({ order, invoice }: { order: string; invoice: Invoice }) {
  return (
    <span class="row">
      <span><strong>{invoice.number}</strong><small class="quiet cell-note">{documentType(invoice.document_type)} · {money(language.value, invoice.total_minor)}</small></span>
      <Pdf order={order} invoice={invoice} label={words.value.pdf()} />
    </span>
  );
}

function Pdf({ order, invoice, label }: { order: string; invoice: Invoice; label: string }) {
  const working = useSignal(false);
  const fetchIt = async () => {
    working.value = true;
    const refusal = await download(invoicePath(order, invoice.id), `${invoice.number.replace(/[^\w-]+/g, "-")}.pdf`);
    working.value = false;
    if (refusal) toast(sentence(refusal));
  };
  return (
    <button type="button" class="button button-quiet button-small" data-testid={ids.invoice(invoice.number)} aria-label={`${label}: ${invoice.number}`} aria-disabled={working.value}
      onClick={() => { if (!working.value) void fetchIt(); }}>{label}</button>
  );
}
