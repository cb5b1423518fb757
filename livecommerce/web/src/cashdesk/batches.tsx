/** The payout runs so far, each with the file for the bank. */
import { useSignal } from "@preact/signals";
import { money, number } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table } from "../lists/table.tsx";
import { Empty } from "../site/shell.tsx";
import { toast } from "../ui/toast.tsx";
import { download } from "../wire/download.ts";
import { batches, batchFile, type Batch } from "./api.ts";
import { More } from "./more.tsx";
import { PayoutRun } from "./payout-run.tsx";
import { here } from "./place.ts";
import { ids } from "./testids.ts";
import { sentence, time } from "./words.ts";

export function Batches() {
  const t = words.value;
  const { after } = here.place.value;
  const listed = useListed(after, () => batches(after));
  const figure = (value: number) => (value === 0 ? <span class="quiet">–</span> : number(language.value, value));
  return (
    <>
      <PayoutRun onDone={() => void listed.load()} />
      <div class="page-head"><h2>{t.runs()}</h2><a class="row-link" {...here.follow(here.to({ view: "payouts", batch: "all" }, true))}>{t.allPayouts()}</a></div>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.batches.length === 0 ? <Empty title={t.noRuns()} text={t.noRunsText()} /> : (
          <Table caption={t.runs()} rows={page.batches} keyOf={(batch) => batch.id} testid={(batch) => ids.batch(batch.id)} columns={[
            { key: "at", label: t.runAt(), head: true, cell: (batch) => <><a class="row-link" {...here.follow(here.to({ view: "payouts", batch: batch.id }, true))}>{time(batch.created_at_ms)}</a><small class="quiet cell-note">{batch.is_scheduled ? t.byPlan() : t.byHand()}</small></> },
            { key: "amount", label: t.amount(), figures: true, cell: (batch) => money(language.value, batch.amount_minor) },
            { key: "count", label: t.payouts(), figures: true, cell: (batch) => figure(batch.payouts) },
            { key: "pending", label: t.payoutPending(), figures: true, cell: (batch) => figure(batch.pending) },
            { key: "paid", label: t.payoutPaid(), figures: true, cell: (batch) => figure(batch.paid) },
            { key: "returned", label: t.payoutReturned(), figures: true, cell: (batch) => figure(batch.returned) },
            { key: "file", label: t.bankFile(), bare: true, cell: (batch) => <BankFile batch={batch.id} at_ms={batch.created_at_ms} /> },
          ]} />
        )}
      </ListView>
      <More next={listed.page?.next} />
    </>
  );
}

export function BankFile({ batch, at_ms }: { batch: Batch["id"]; at_ms?: number }) {
  const t = words.value;
  const working = useSignal(false);
  const fetchIt = async () => {
    working.value = true;
    const refusal = await download(batchFile(batch), `payouts-${batch}.csv`);
    working.value = false;
    if (refusal) toast(sentence(refusal));
  };
  return (
    <button type="button" class="button button-quiet button-small" data-testid={ids.batchFile} aria-label={at_ms === undefined ? undefined : `${t.bankFile()}: ${time(at_ms)}`} aria-disabled={working.value}
      onClick={() => { if (!working.value) void fetchIt(); }}>{t.bankFile()}</button>
  );
}
