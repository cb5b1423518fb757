/** Bank and tax details of who is paid: shown masked, given anew in full, never shown in full. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { payment as words } from "../i18n/payment.ts";
import { refusalText } from "../i18n/refusal.ts";
import { ids } from "../testids.ts";
import { Field } from "../ui/field.tsx";
import { restAs } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import { LoadFailed } from "./shell.tsx";

type Name = "bank_account_number" | "ifsc_code" | "bank_name" | "upi_id" | "pan_number" | "gst_number";
type Details = Record<Name, string | null> & { unreadable: readonly Name[] };
interface Answer { payment_details: Details }

const path = "/me/payment-details";
const bank = ["bank_account_number", "ifsc_code", "bank_name", "upi_id"] as const;
const tax = ["pan_number", "gst_number"] as const;

export function PaymentDetails({ withUpi }: { withUpi: boolean }) {
  const t = words.value;
  const details = useSignal<Details | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const editing = useSignal(false);
  const saved = useSignal(false);
  const opener = useRef<HTMLButtonElement | null>(null);
  const load = async () => {
    const answer = await restAs<Answer>(path);
    if (answer.ok) details.value = answer.ok.payment_details;
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => void load(), []);
  const close = (next: Details | null) => {
    if (next) details.value = next;
    saved.value = next !== null;
    editing.value = false;
    requestAnimationFrame(() => opener.current?.focus());
  };
  const names = [...bank.filter((name) => withUpi || name !== "upi_id"), ...tax];
  const found = details.value;
  return (
    <section class="panel" aria-labelledby="payment-details" data-testid={ids.paymentDetails}>
      <div>
        <h2 id="payment-details">{t.title()}</h2>
        <p class="quiet">{t.intro()}</p>
      </div>
      {refusal.value ? <LoadFailed text={`${t.loadFailed()} ${refusalText(refusal.value)}`} onRetry={() => void load()} /> : null}
      <div class="payment-notice" role="status">{saved.value ? <p class="callout callout-good">{t.saved()}</p> : null}</div>
      {found === null ? null : editing.value ? (
        <Form details={found} names={names} onClose={close} />
      ) : (
        <>
          {found.unreadable.length > 0 ? <p class="callout callout-bad">{t.unreadableText()}</p> : null}
          <dl class="facts payment-facts">
            {names.map((name) => (
              <div key={name}>
                <dt>{label(name)}</dt>
                <dd class={found[name] === null ? "not-given" : undefined} data-testid={ids.payment(name)}>
                  {found.unreadable.includes(name) ? t.unreadable() : found[name] ?? t.notGiven()}
                </dd>
              </div>
            ))}
          </dl>
          <button ref={opener} type="button" class="button button-quiet" data-testid={ids.payment("edit")}
            onClick={() => { saved.value = false; editing.value = true; }}>
            {names.some((name) => found[name] !== null) ? t.change() : t.add()}
          </button>
        </>
      )}
    </section>
  );
}

type Draft = Partial<Record<Name | "repeat", string>>;
type Errors = Partial<Record<Name | "repeat", string>>;

interface FormProps {
  details: Details;
  names: readonly Name[];
  /** With the details that were saved, or null when nothing was. */
  onClose: (saved: Details | null) => void;
}

function Form({ details, names, onClose }: FormProps) {
  const t = words.value;
  const draft = useSignal<Draft>({});
  const removed = useSignal<readonly Name[]>([]);
  const errors = useSignal<Errors>({});
  const notice = useSignal<string | null>(null);
  const working = useSignal(false);
  const form = useRef<HTMLFormElement | null>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>("input")?.focus(), []);

  /** What is typed replaces, what is removed becomes null, what stays empty is left out. */
  function change(): Partial<Record<Name, string | null>> {
    const typed = names.filter((name) => !removed.value.includes(name) && (draft.value[name] ?? "").trim() !== "");
    return Object.fromEntries([...typed.map((name) => [name, draft.value[name]]), ...removed.value.map((name) => [name, null])]);
  }

  function refuse(found: Errors, sentence: string): void {
    errors.value = found;
    notice.value = sentence;
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }

  async function submit(): Promise<void> {
    const body = change();
    if (Object.keys(body).length === 0) return refuse({}, t.errorNothing());
    if (body.bank_account_number && digits(body.bank_account_number) !== digits(draft.value.repeat ?? "")) {
      return refuse({ repeat: t.errorRepeat() }, t.errorSome());
    }
    errors.value = {};
    notice.value = null;
    working.value = true;
    const answer = await restAs<Answer>(path, { method: "PATCH", body });
    working.value = false;
    if (answer.ok) return onClose(answer.ok.payment_details);
    const wrong = faults(answer.refused);
    refuse(wrong, Object.keys(wrong).length > 0 ? t.errorSome() : refusalText(answer.refused));
  }

  const row = (name: Name) => (
    <DetailField key={name} name={name} details={details} draft={draft} removed={removed} errors={errors} />
  );
  return (
    <form ref={form} class="form" noValidate aria-labelledby="payment-details" data-testid={ids.payment("form")}
      onSubmit={(event) => { event.preventDefault(); if (!working.value) void submit(); }}>
      <fieldset class="payment-group">
        <legend>{t.groupBank()}</legend>
        {row("bank_account_number")}
        <Repeat draft={draft} errors={errors} />
        {bank.slice(1).filter((name) => names.includes(name)).map(row)}
      </fieldset>
      <fieldset class="payment-group">
        <legend>{t.groupTax()}</legend>
        {tax.map(row)}
      </fieldset>
      <div class="payment-notice" role="alert">{notice.value ? <p class="callout callout-bad" data-testid={ids.refusal}>{notice.value}</p> : null}</div>
      <div class="actions">
        <button type="submit" class="button button-primary" data-testid={ids.payment("save")} aria-disabled={working.value}>{working.value ? t.saving() : t.save()}</button>
        <button type="button" class="button button-quiet" data-testid={ids.payment("cancel")} onClick={() => onClose(null)}>{t.cancel()}</button>
      </div>
    </form>
  );
}

interface DetailFieldProps {
  name: Name;
  details: Details;
  draft: Signal<Draft>;
  removed: Signal<readonly Name[]>;
  errors: Signal<Errors>;
}

function DetailField({ name, details, draft, removed, errors }: DetailFieldProps) {
  const t = words.value;
  const now = details[name];
  const isRemoved = removed.value.includes(name);
  const isKnown = now !== null && !details.unreadable.includes(name);
  const hint = isRemoved ? t.willRemove() : isKnown ? t.now({ value: now }) : hintOf(name);
  const toggle = () => {
    removed.value = isRemoved ? removed.value.filter((other) => other !== name) : [...removed.value, name];
    errors.value = { ...errors.value, [name]: undefined };
  };
  return (
    <div class="payment-field">
      <Field label={label(name)} hint={hint} error={errors.value[name]} {...(name === "gst_number" || name === "upi_id" ? { optional: t.optional() } : {})}>
        {(described) => (
          <input {...described} {...typing(name)} value={isRemoved ? "" : draft.value[name] ?? ""} disabled={isRemoved} maxLength={100}
            autocomplete="off" spellcheck={false} data-testid={ids.payment(`${name}-input`)}
            onInput={(event) => type(draft, errors, name, event.currentTarget.value)} />
        )}
      </Field>
      {now !== null ? (
        <button type="button" class="link-button" data-testid={ids.payment(`${name}-remove`)} aria-label={`${isRemoved ? t.keep() : t.remove()}: ${label(name)}`} onClick={toggle}>
          {isRemoved ? t.keep() : t.remove()}
        </button>
      ) : null}
    </div>
  );
}

/** A digit that is wrong sends the money to somebody else, and no check digit tells. */
function Repeat({ draft, errors }: { draft: Signal<Draft>; errors: Signal<Errors> }) {
  if ((draft.value.bank_account_number ?? "").trim() === "") return null;
  return (
    <div class="payment-field">
      <Field label={words.value.accountRepeat()} error={errors.value.repeat}>
        {(described) => (
          <input {...described} {...typing("bank_account_number")} value={draft.value.repeat ?? ""} maxLength={100} autocomplete="off"
            data-testid={ids.payment("repeat-input")}
            onInput={(event) => type(draft, errors, "repeat", event.currentTarget.value)} />
        )}
      </Field>
    </div>
  );
}

function type(draft: Signal<Draft>, errors: Signal<Errors>, name: Name | "repeat", value: string): void {
  draft.value = { ...draft.value, [name]: value };
  if (errors.value[name]) errors.value = { ...errors.value, [name]: undefined };
}

const digits = (text: string): string => text.replace(/[\s-]/g, "");

/** Which keyboard a field wants. */
function typing(name: Name): { inputMode: "numeric" | "email" | "text"; autocapitalize: "none" | "words" | "characters" } {
  if (name === "bank_account_number") return { inputMode: "numeric", autocapitalize: "none" };
  if (name === "upi_id") return { inputMode: "email", autocapitalize: "none" };
  return { inputMode: "text", autocapitalize: name === "bank_name" ? "words" : "characters" };
}

function label(name: Name): string {
  const t = words.value;
  const labels: Record<Name, () => string> = {
    bank_account_number: t.accountNumber, ifsc_code: t.ifsc, bank_name: t.bankName, upi_id: t.upi, pan_number: t.pan, gst_number: t.gstin,
  };
  return labels[name]();
}

function hintOf(name: Name): string | undefined {
  const t = words.value;
  const hints: Partial<Record<Name, () => string>> = {
    bank_account_number: t.accountHint, ifsc_code: t.ifscHint, upi_id: t.upiHint, pan_number: t.panHint, gst_number: t.gstinHint,
  };
  return hints[name]?.();
}

/** The server's faults by field, in the words of the page; its own sentence where the page has none. */
function faults(refusal: Refusal): Errors {
  const t = words.value;
  const sentences: Record<string, (() => string) | undefined> = {
    "gst.malformed": t.errorGstin, "gst.state_unknown": t.errorGstinState, "gst.check_digit": t.errorGstinCheck, "gst.of_other_pan": t.errorGstinPan,
    "pan.malformed": t.errorPan, "account.malformed": t.errorAccount, "ifsc.malformed": t.errorIfsc, "upi.malformed": t.errorUpi,
    "bank.malformed": t.errorBank, "field.too_long": t.errorLong,
  };
  const { fields = {}, reasons = {} } = (refusal.details ?? {}) as { fields?: Record<string, string>; reasons?: Record<string, string> };
  return Object.fromEntries(Object.entries(fields).map(([name, sentence]) => [name, sentences[reasons[name] ?? ""]?.() ?? sentence]));
}
