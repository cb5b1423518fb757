/** Payments by UPI whose money somebody has to find on the bank's statement. */
import { useSignal } from "@preact/signals";
import { paise } from "../coupons/draft.ts";
import { money } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { useAct } from "../lists/act.ts";
import { focusFirstFault } from "../lists/faults.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table } from "../lists/table.tsx";
import { Empty } from "../site/shell.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import { confirmUpi, rejectUpi, upiPayments, type Payment } from "./api.ts";
import { Ask } from "./ask.tsx";
import { More } from "./more.tsx";
import { here } from "./place.ts";
import { ids } from "./testids.ts";
import { utr } from "./utr.ts";
import { sentence, time } from "./words.ts";

export function Upi() {
  const t = words.value;
  const { after } = here.place.value;
  const listed = useListed(after, () => upiPayments(after));
  const asking = useSignal<{ step: "confirm" | "reject"; payment: Payment } | null>(null);
  const close = () => { asking.value = null; };
  const done = (said: string) => {
    toast(said);
    close();
    void listed.load();
  };
  const ask = (payment: Payment, step: "confirm" | "reject") => { asking.value = { payment, step }; };
  return (
    <>
      <p class="quiet">{t.upiHint()}</p>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.payments.length === 0 ? <Empty title={t.noUpi()} text={t.noUpiText()} /> : (
          <Table caption={t.upi()} rows={page.payments} keyOf={(payment) => payment.payment_id} testid={(payment) => ids.payment(payment.order_number)} columns={[
            { key: "order", label: t.order(), head: true, cell: (payment) => <>{payment.order_number}{payment.upi_reference ? <small class="quiet cell-note">{t.ourReference({ reference: payment.upi_reference })}</small> : null}</> },
            { key: "customer", label: t.customer(), cell: (payment) => <span dir="auto">{payment.customer_name || "–"}</span> },
            { key: "amount", label: t.amount(), figures: true, cell: (payment) => <strong>{money(language.value, payment.amount_minor)}</strong> },
            { key: "given", label: t.customerReference(), cell: (payment) => payment.customer_reference ?? <span class="quiet">{t.notGiven()}</span> },
            { key: "since", label: t.since(), cell: (payment) => time(payment.created_at_ms) },
            { key: "do", label: t.actions(), bare: true, cell: (payment) => (
              <span class="actions">
                <button type="button" class="button button-quiet button-small" data-testid={ids.upiConfirm} aria-label={`${t.confirmUpi()}: ${payment.order_number}`} onClick={() => ask(payment, "confirm")}>{t.confirmUpi()}…</button>
                <button type="button" class="button button-quiet button-small" data-testid={ids.upiReject} aria-label={`${t.rejectUpi()}: ${payment.order_number}`} onClick={() => ask(payment, "reject")}>{t.rejectUpi()}…</button>
              </span>
            ) },
          ]} />
        )}
      </ListView>
      <More next={listed.page?.next} />
      {asking.value?.step === "confirm" ? <UpiDialog payment={asking.value.payment} onDone={done} onClose={close} /> : null}
      {asking.value?.step === "reject" ? <RejectDialog payment={asking.value.payment} onDone={done} onClose={close} /> : null}
    </>
  );
}

interface DialogProps {
  payment: Payment;
  onDone: (said: string) => void;
  onClose: () => void;
}

/** Both are typed from the bank's statement: what the customer says is no proof that the money came. */
function UpiDialog({ payment, onDone, onClose }: DialogProps) {
  const t = words.value;
  const reference = useSignal("");
  const typed = useSignal("");
  const faults = useSignal<{ reference?: string; amount?: string }>({});
  const act = useAct();
  const what = { amount: money(language.value, payment.amount_minor), number: payment.order_number };
  const send = async () => {
    const number = utr(reference.value);
    const isSame = paise(typed.value) === payment.amount_minor;
    faults.value = { ...(number === null ? { reference: t.errUtr() } : {}), ...(isSame ? {} : { amount: t.errUpiAmount({ amount: what.amount }) }) };
    if (number === null || !isSame) return focusFirstFault(document.querySelector("dialog[open]"));
    if (await act.run(() => confirmUpi(payment.payment_id, number, payment.amount_minor))) onDone(t.isConfirmed(what));
  };
  return (
    <Confirm title={t.upiTitle(what)} text={t.upiText()} keep={t.keep()} action={t.upiAction(what)} busy={act.working.value} testid={ids.confirmUpi} onClose={onClose} onConfirm={() => void send()}>
      <Field label={t.utr()} hint={payment.customer_reference ? t.utrGiven({ reference: payment.customer_reference }) : t.utrHint()} error={faults.value.reference}>
        {(described) => <input {...described} inputMode="numeric" autocomplete="off" maxLength={20} value={reference.value} data-testid={ids.upiReference} onInput={(event) => { reference.value = event.currentTarget.value; faults.value = {}; }} />}
      </Field>
      <Field label={t.amountOnStatement()} error={faults.value.amount}>
        {(described) => <span class="with-prefix with-rupee"><span aria-hidden="true">₹</span><input {...described} inputMode="decimal" autocomplete="off" maxLength={20} value={typed.value} data-testid={ids.upiAmount} onInput={(event) => { typed.value = event.currentTarget.value; faults.value = {}; }} /></span>}
      </Field>
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
    </Confirm>
  );
}

function RejectDialog({ payment, onDone, onClose }: DialogProps) {
  const t = words.value;
  const what = { amount: money(language.value, payment.amount_minor), number: payment.order_number };
  return (
    <Ask title={t.rejectUpiTitle(what)} text={t.rejectUpiText()} action={t.rejectUpi()} danger field={{ label: t.reason(), missing: t.errReason(), longest: 500, isOptional: true }}
      onSend={(text) => rejectUpi(payment.payment_id, text)} onDone={() => onDone(t.isRejected(what))} onClose={onClose} />
  );
}
