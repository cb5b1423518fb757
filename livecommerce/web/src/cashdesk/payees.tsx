/** Everybody with a balance; one of them with their statement. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { paise } from "../coupons/draft.ts";
import { money } from "../i18n/format.ts";
import { signedMoney } from "../i18n/exact.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { useAct } from "../lists/act.ts";
import { focusFirstFault } from "../lists/faults.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table } from "../lists/table.tsx";
import type { PayeeKind } from "../money/api.ts";
import { StatementView } from "../money/statement.tsx";
import { Empty } from "../site/shell.tsx";
import { Attempts } from "../support/attempt.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { newId } from "../wire/id.ts";
import { adjust, payees, type Payee } from "./api.ts";
import { everybody } from "./everybody.ts";
import { More } from "./more.tsx";
import { here } from "./place.ts";
import { ids } from "./testids.ts";
import { kindText, problemText, sentence } from "./words.ts";

export function Payees() {
  const t = words.value;
  const { after } = here.place.value;
  const listed = useListed(after, () => payees(after));
  return (
    <>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.payees.length === 0 ? <Empty title={t.noPayees()} text={t.noPayeesText()} /> : (
          <Table caption={t.balances()} rows={page.payees} keyOf={(payee) => payee.id} testid={(payee) => ids.payee(payee.id)} columns={[
            { key: "who", label: t.payee(), head: true, cell: (payee) => <><a class="row-link" dir="auto" {...here.follow(here.to({ view: "payees", payee: `${payee.kind}/${payee.id}` }, true))}>{payee.name}</a><small class="quiet cell-note">{kindText(payee.kind)}</small></> },
            { key: "pending", label: t.pending(), figures: true, cell: (payee) => money(language.value, payee.pending_minor) },
            { key: "available", label: t.available(), figures: true, cell: (payee) => <strong data-bad={payee.available_minor < 0}>{money(language.value, payee.available_minor)}</strong> },
            { key: "problem", label: t.nextRun(), cell: NextRun },
          ]} />
        )}
      </ListView>
      <More next={listed.page?.next} />
    </>
  );
}

/** Whoever has nothing available yet has no problem; there is just nothing to pay. */
function NextRun({ problem, available_minor }: Payee) {
  const t = words.value;
  if (problem === null) return <span class="tag" data-tone="good">{t.isInRun()}</span>;
  return available_minor === 0 ? <span class="quiet">{t.nothingAvailable()}</span> : <span class="tag" data-tone="few">{problemText(problem)}</span>;
}

/** payee: "<kind>/<id>". */
export function PayeeView({ payee }: { payee: string }) {
  const t = words.value;
  const [kind, id] = payee.split("/") as [PayeeKind, string | undefined];
  const asking = useSignal(false);
  const changed = useSignal(0);
  const listed = useListed(payee, everybody);
  // Whoever has nothing on an account is not among them; the statement says so.
  const name = listed.page?.find((one) => one.id === id)?.name ?? "";
  const known = (kind === "wholesaler" || kind === "influencer") && id !== undefined;
  return (
    <>
      <a class="back-link" {...here.follow(here.to({ view: "payees" }, true))}><Icon name="back" />{t.balances()}</a>
      {known ? (
        <>
          <div class="page-head">
            <h2 dir="auto">{name === "" ? kindText(kind) : t.statementOf({ name, kind: kindText(kind) })}</h2>
            <button type="button" class="button button-quiet" data-testid={ids.adjust} onClick={() => { asking.value = true; }}>{t.adjust()}…</button>
          </div>
          <StatementView key={changed.value} kind={kind} of={`/admin/payees/${kind}/${id}`} here={here} />
          {asking.value ? <AdjustDialog kind={kind} payee={id} name={name} onClose={() => { asking.value = false; }} onDone={() => { asking.value = false; changed.value += 1; }} /> : null}
        </>
      ) : <Empty title={t.payeeNotFound()} />}
    </>
  );
}

interface AdjustProps {
  kind: PayeeKind;
  payee: string;
  name: string;
  onDone: () => void;
  onClose: () => void;
}

function AdjustDialog({ kind, payee, name, onDone, onClose }: AdjustProps) {
  const t = words.value;
  const isFor = useSignal(true);
  const typed = useSignal("");
  const reason = useSignal("");
  const faults = useSignal<{ amount?: string; reason?: string }>({});
  const act = useAct();
  const attempts = useRef(new Attempts(newId));
  const amount_minor = (paise(typed.value) ?? 0) * (isFor.value ? 1 : -1);
  const send = async () => {
    const why = reason.value.trim();
    faults.value = { ...(amount_minor === 0 ? { amount: t.errAmount() } : {}), ...(why === "" ? { reason: t.errReason() } : {}) };
    if (faults.value.amount || faults.value.reason) return focusFirstFault(document.querySelector("dialog[open]"));
    const made = await act.run(() => adjust(kind, payee, attempts.current.idOf([amount_minor, why]), amount_minor, why));
    if (!made) return;
    toast(t.isAdjusted({ name: made.payee.name }));
    onDone();
  };
  return (
    <Confirm title={t.adjustTitle({ name: name || kindText(kind) })} text={t.adjustText()} keep={t.keep()} action={t.adjustAction({ amount: signedMoney(language.value, amount_minor) })} danger={!isFor.value} busy={act.working.value}
      testid={ids.confirmAdjust} onClose={onClose} onConfirm={() => void send()}>
      <div class="segments">
        <button type="button" aria-pressed={isFor.value} onClick={() => { isFor.value = true; }}>{t.give()}</button>
        <button type="button" aria-pressed={!isFor.value} onClick={() => { isFor.value = false; }}>{t.take()}</button>
      </div>
      <Field label={t.amount()} error={faults.value.amount}>
        {(described) => <span class="with-prefix with-rupee"><span aria-hidden="true">₹</span><input {...described} inputMode="decimal" autocomplete="off" value={typed.value} data-testid={ids.adjustAmount} onInput={(event) => { typed.value = event.currentTarget.value; }} /></span>}
      </Field>
      <Field label={t.reason()} hint={t.adjustReasonHint()} error={faults.value.reason}>
        {(described) => <input {...described} maxLength={500} autocomplete="off" dir="auto" value={reason.value} data-testid={ids.adjustReason} onInput={(event) => { reason.value = event.currentTarget.value; }} />}
      </Field>
      {act.refusal.value ? <p class="callout callout-bad" role="alert">{sentence(act.refusal.value)}</p> : null}
    </Confirm>
  );
}
