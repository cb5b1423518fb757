/** Refunds: those that somebody has to send by hand, and those that the provider refused. */
import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { toast } from "../ui/toast.tsx";
import { refundDone, refunds, retryRefund, type Refund } from "./api.ts";
import { Ask } from "./ask.tsx";
import { More } from "./more.tsx";
import { here } from "./place.ts";
import { ids } from "./testids.ts";
import { methodText, refundText, refundTones, sentence, time } from "./words.ts";

const statuses: readonly Refund["status"][] = ["pending", "failed", "succeeded"];

export function Refunds() {
  const t = words.value;
  const { after } = here.place.value;
  const status = statuses.find((one) => one === here.place.value.status) ?? "pending";
  const listed = useListed(`${status} ${after}`, () => refunds(status, after));
  const asking = useSignal<{ refund: Refund; step: "done" | "retry" } | null>(null);
  const close = () => { asking.value = null; };
  const done = (said: string) => () => {
    toast(said);
    close();
    void listed.load();
  };
  return (
    <>
      <Filters label={t.state()} here={status} choices={statuses.map((key) => ({ key, label: refundText(key), way: here.follow(here.to({ status: key === "pending" ? "" : key, after: "" })) }))} />
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.refunds.length === 0 ? <Empty title={t.noRefunds()} text={status === "pending" ? t.noRefundsText() : undefined} /> : (
          <Table caption={t.refunds()} rows={page.refunds} keyOf={(refund) => refund.refund_id} testid={(refund) => ids.refund(refund.refund_id)} columns={[
            { key: "order", label: t.order(), head: true, cell: (refund) => <>{refund.order_number}{refund.is_reversal ? <small class="quiet cell-note">{t.paidTwice()}</small> : null}</> },
            { key: "amount", label: t.amount(), figures: true, cell: (refund) => <strong>{money(language.value, refund.amount_minor)}</strong> },
            { key: "way", label: t.refundWay(), cell: (refund) => <>{methodText(refund.method, refund.provider)}{refund.is_manual ? <small class="quiet cell-note">{t.byHand()}</small> : null}</> },
            { key: "why", label: t.reason(), cell: (refund) => <span dir="auto">{refund.note ?? refund.reason ?? "–"}</span> },
            { key: "state", label: t.state(), cell: (refund) => <span class="tag" data-tone={refundTones[refund.status]} data-status={refund.status}>{refundText(refund.status)}</span> },
            { key: "at", label: t.since(), cell: (refund) => time(refund.created_at_ms) },
            { key: "do", label: t.actions(), bare: true, cell: (refund) => (
              <span class="actions">
                {refund.status === "pending" && refund.is_manual ? <button type="button" class="button button-quiet button-small" data-testid={ids.refundDone} aria-label={`${t.refundSent()}: ${refund.order_number}`} onClick={() => { asking.value = { refund, step: "done" }; }}>{t.refundSent()}…</button> : null}
                {refund.status === "failed" ? <button type="button" class="button button-quiet button-small" data-testid={ids.refundRetry} aria-label={`${t.refundRetry()}: ${refund.order_number}`} onClick={() => { asking.value = { refund, step: "retry" }; }}>{t.refundRetry()}…</button> : null}
              </span>
            ) },
          ]} />
        )}
      </ListView>
      <More next={listed.page?.next} />
      {asking.value ? <RefundDialog {...asking.value} onDone={done} onClose={close} /> : null}
    </>
  );
}

interface RefundDialogProps {
  refund: Refund;
  step: "done" | "retry";
  onDone: (said: string) => () => void;
  onClose: () => void;
}

function RefundDialog({ refund, step, onDone, onClose }: RefundDialogProps) {
  const t = words.value;
  const what = { amount: money(language.value, refund.amount_minor), number: refund.order_number };
  if (step === "retry") {
    return <Ask title={t.retryTitle(what)} text={t.retryText()} action={t.refundRetry()} onSend={() => retryRefund(refund.refund_id)} onDone={onDone(t.isRetried(what))} onClose={onClose} />;
  }
  return (
    <Ask title={t.doneTitle(what)} text={t.doneText()} action={t.refundSent()} field={{ label: t.bankReference(), hint: t.bankReferenceHint(), missing: t.errReference() }}
      onSend={(text) => refundDone(refund.refund_id, text)} onDone={onDone(t.isRefunded(what))} onClose={onClose} />
  );
}
