/** Paying by UPI: the code and the link, then the wait until the bank's word is here, as for a provider's page. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { useAct } from "../lists/act.ts";
import { Field } from "../ui/field.tsx";
import { sendReference } from "./api.ts";
import { setOpened } from "./opened.ts";
import type { PayPart } from "./pay.tsx";
import { referenceOf } from "./payment-stage.ts";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";

/** The server's picture as an address: the policy of the page lets no text become markup. */
const picture = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;

export function Scan({ part: { payment, choose } }: { part: PayPart }) {
  const t = words.value;
  const upi = payment.upi!;
  const paid = () => setOpened(payment.payment_id ?? "", true);
  return (
    <section class="panel upi" aria-labelledby="upi">
      <h2 id="upi">{t.scanTitle({ amount: payment.amount_minor })}</h2>
      <div class="upi-ways">
        <figure>
          <img src={picture(upi.qr_svg)} width={220} height={220} alt={t.qrAlt({ amount: payment.amount_minor, name: upi.payee_name })} data-testid={ids.upiQr} />
          <figcaption class="quiet">{t.scanText()}</figcaption>
        </figure>
        <div class="upi-here">
          <dl class="facts">
            <div><dt>{t.payee()}</dt><dd>{upi.payee_name}</dd></div>
            <div><dt>{t.amount()}</dt><dd>{money(language.value, payment.amount_minor)}</dd></div>
          </dl>
          {upi.link.startsWith("upi:") ? (
            <p class="upi-app"><span class="quiet">{t.scanPhone()}</span><a class="button button-primary" href={upi.link} data-testid={ids.upiLink} onClick={paid}>{t.openApp()}</a></p>
          ) : null}
          <button type="button" class="button button-quiet" data-testid={ids.iPaid} onClick={paid}>{t.iPaid()}</button>
        </div>
      </div>
      <button type="button" class="link-button" onClick={choose}>{t.otherMethod()}</button>
    </section>
  );
}

export function Checking({ part }: { part: PayPart }) {
  const t = words.value;
  const { payment } = part;
  const given = payment.upi?.customer_reference ?? null;
  return (
    <section class="panel checking" aria-labelledby="checking">
      <div class="checking-head" role="status">
        <span class="spinner" />
        <h2 id="checking">{t.checkingTitle()}</h2>
      </div>
      <p>{t.checkingText()}</p>
      {payment.upi === null || !payment.is_payable ? null : given !== null ? <p class="callout callout-good">{t.referenceSent({ reference: given })}</p> : <ReferenceForm part={part} />}
      {given === null && payment.is_payable && (payment.upi ?? payment.stripe ?? payment.razorpay) !== null ? (
        <button type="button" class="link-button" data-testid={ids.notPaid} onClick={() => setOpened(payment.payment_id ?? "", false)}>
          {payment.upi !== null ? t.notPaid() : t.notPaidThere()}
        </button>
      ) : null}
    </section>
  );
}

function ReferenceForm({ part: { payment, put } }: { part: PayPart }) {
  const t = words.value;
  const typed = useSignal("");
  const error = useSignal<string | undefined>(undefined);
  const act = useAct();
  const input = useRef<HTMLInputElement | null>(null);
  async function send(): Promise<void> {
    const reference = referenceOf(typed.value);
    error.value = reference === null ? t.referenceError() : undefined;
    if (reference === null) return input.current?.focus();
    const answer = await act.run(() => sendReference(payment.order_id, reference));
    if (answer) put(answer.payment);
  }
  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <Field label={t.reference()} hint={t.referenceHint()} error={error.value} optional={t.optional()}>
        {(described) => <input ref={input} {...described} inputMode="numeric" autocomplete="off" value={typed.value} data-testid={ids.utr} onInput={(event) => { typed.value = event.currentTarget.value; }} />}
      </Field>
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
      <button type="submit" class="button button-quiet" data-testid={ids.utrSend} aria-disabled={act.working.value}>{act.working.value ? t.working() : t.referenceSend()}</button>
    </form>
  );
}
