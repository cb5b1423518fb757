/** The payouts of a run, or of all runs: what the bank did with each. */
import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table, type Column } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { endPayout, markPaid, payouts, type Payout, type PayoutStatus } from "./api.ts";
import { Ask } from "./ask.tsx";
import { BankFile } from "./batches.tsx";
import { More } from "./more.tsx";
import { here } from "./place.ts";
import { ids } from "./testids.ts";
import { kindText, payoutText, payoutTones, sentence, time } from "./words.ts";

type Step = "paid" | "returned" | "cancel";
const statuses: readonly PayoutStatus[] = ["pending", "paid", "returned", "cancelled"];

export function BatchView({ batch }: { batch: string }) {
  const t = words.value;
  const { after } = here.place.value;
  const status = statuses.find((one) => one === here.place.value.status) ?? "all";
  const listed = useListed(`${status} ${after}`, () => payouts(status, batch === "all" ? "" : batch, after));
  const asking = useSignal<{ payout: Payout; step: Step } | null>(null);
  const choices: ["all" | PayoutStatus, string][] = [["all", t.all()], ...statuses.map((one): [PayoutStatus, string] => [one, payoutText(one)])];
  const created_at_ms = batch === "all" ? undefined : listed.page?.payouts[0]?.created_at_ms;
  return (
    <>
      <a class="back-link" {...here.follow(here.to({ view: "payouts" }, true))}><Icon name="back" />{t.runs()}</a>
      <div class="page-head">
        <h2>{batch === "all" ? t.allPayouts() : created_at_ms === undefined ? t.oneRun() : t.runOf({ time: time(created_at_ms) })}</h2>
        {batch === "all" ? null : <BankFile batch={batch} />}
      </div>
      {batch === "all" ? null : <p class="quiet">{t.bankFileHint()}</p>}
      <Filters label={t.state()} here={status} choices={choices.map(([key, label]) => ({ key, label, way: here.follow(here.to({ status: key === "all" ? "" : key, after: "" })) }))} />
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.payouts.length === 0 ? <Empty title={t.noPayouts()} /> : (
          <Table caption={t.payouts()} rows={page.payouts} keyOf={(payout) => payout.id} testid={(payout) => ids.payout(payout.id)} columns={columns((payout, step) => { asking.value = { payout, step }; })} />
        )}
      </ListView>
      <More next={listed.page?.next} />
      {asking.value ? <PayoutDialog {...asking.value} onClose={() => { asking.value = null; }} onDone={() => { asking.value = null; void listed.load(); }} /> : null}
    </>
  );
}

function columns(ask: (payout: Payout, step: Step) => void): Column<Payout>[] {
  const t = words.value;
  const button = (payout: Payout, step: Step, testid: string, label: string) => (
    <button type="button" class="button button-quiet button-small" data-testid={testid} aria-label={`${label}: ${payout.payee_name}`} onClick={() => ask(payout, step)}>{label}…</button>
  );
  return [
    { key: "who", label: t.payee(), head: true, cell: (payout) => <><span dir="auto">{payout.payee_name}</span><small class="quiet cell-note">{kindText(payout.payee_kind)}</small></> },
    { key: "amount", label: t.amount(), figures: true, cell: (payout) => <strong>{money(language.value, payout.amount_minor)}</strong> },
    { key: "state", label: t.state(), cell: (payout) => <span class="tag" data-tone={payoutTones[payout.status]} data-status={payout.status}>{payoutText(payout.status)}</span> },
    { key: "when", label: t.when(), cell: (payout) => time(payout.ended_at_ms ?? payout.paid_at_ms ?? payout.created_at_ms) },
    { key: "note", label: t.reference(), cell: (payout) => <span dir="auto">{payout.reason ?? payout.reference ?? "–"}</span> },
    { key: "do", label: t.actions(), bare: true, cell: (payout) => (
      <span class="actions">
        {payout.status === "pending" ? button(payout, "paid", ids.payoutPaid, t.markPaid()) : null}
        {payout.status === "pending" ? button(payout, "cancel", ids.payoutCancel, t.cancelPayout()) : null}
        {payout.status === "pending" || payout.status === "paid" ? button(payout, "returned", ids.payoutReturned, t.bankReturned()) : null}
      </span>
    ) },
  ];
}

function PayoutDialog({ payout, step, onDone, onClose }: { payout: Payout; step: Step; onDone: () => void; onClose: () => void }) {
  const t = words.value;
  const what = { amount: money(language.value, payout.amount_minor), name: payout.payee_name };
  const done = (said: string) => () => { toast(said); onDone(); };
  if (step === "paid") {
    return (
      <Ask title={t.paidTitle(what)} text={t.paidText()} action={t.markPaid()} field={{ label: t.bankReference(), hint: t.bankReferenceHint(), missing: t.errReference() }}
        onSend={(text) => markPaid(payout.id, text)} onDone={done(t.isPaid(what))} onClose={onClose} />
    );
  }
  const returned = step === "returned";
  return (
    <Ask title={returned ? t.returnedTitle(what) : t.cancelTitle(what)} text={returned ? t.returnedText(what) : t.cancelText(what)} action={returned ? t.bankReturned() : t.cancelPayout()} danger
      field={{ label: t.reason(), missing: t.errReason(), longest: 500 }} onSend={(text) => endPayout(payout.id, step, text)}
      onDone={done(returned ? t.isReturned(what) : t.isCancelled(what))} onClose={onClose} />
  );
}
