/** Cash on delivery: what couriers collected at the door, what they passed on, what came back unsold. */
import { useSignal } from "@preact/signals";
import { money } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table, type Column } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { toast } from "../ui/toast.tsx";
import { cod, codCollected, codRemitted, type CodStatus, type Payment } from "./api.ts";
import { Ask } from "./ask.tsx";
import { More } from "./more.tsx";
import { here } from "./place.ts";
import { sum } from "./run.ts";
import { ids } from "./testids.ts";
import { codText, sentence, time } from "./words.ts";

const statuses: readonly CodStatus[] = ["created", "collected", "remitted", "returned"];
/** As many as the server takes in one call. */
const mostTicked = 200;

export function Cod() {
  const t = words.value;
  const { after } = here.place.value;
  const status = statuses.find((one) => one === here.place.value.status) ?? "created";
  const listed = useListed(`${status} ${after}`, () => cod(status, after));
  const ticked = useSignal<ReadonlySet<string>>(new Set());
  const asking = useSignal<Payment | "remitted" | null>(null);
  const payments = listed.page?.payments ?? [];
  // Only what is still there: another admin may have booked some of it meanwhile.
  const chosen = status === "collected" ? payments.filter((payment) => ticked.value.has(payment.payment_id)) : [];
  const close = () => { asking.value = null; };
  const done = (said: string) => () => {
    toast(said);
    close();
    ticked.value = new Set();
    void listed.load();
  };
  const tick = (ids: readonly string[], on: boolean) => {
    const next = new Set(ticked.value);
    for (const id of ids.slice(0, mostTicked)) if (on) next.add(id); else next.delete(id);
    ticked.value = next;
  };
  const amount = money(language.value, sum(chosen.map(({ amount_minor }) => amount_minor)));
  return (
    <>
      <Filters label={t.state()} here={status} choices={statuses.map((key) => ({ key, label: codText(key), way: here.follow(here.to({ status: key === "created" ? "" : key, after: "" })) }))} />
      <p class="quiet">{{ created: t.codCreatedHint, collected: t.codCollectedHint, remitted: t.codRemittedHint, returned: t.codReturnedHint }[status]()}</p>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.payments.length === 0 ? <Empty title={t.noCod()} /> : (
          <>
            {status === "collected" ? (
              <div class="list-bar sticky-bar">
                <label class="tick"><input type="checkbox" checked={chosen.length === payments.length} onChange={(event) => tick(payments.map(({ payment_id }) => payment_id), event.currentTarget.checked)} />{t.tickAll({ count: payments.length })}</label>
                <button type="button" class="button button-primary" data-testid={ids.codRemit} disabled={chosen.length === 0} onClick={() => { asking.value = "remitted"; }}>{t.remit({ amount, count: chosen.length })}…</button>
              </div>
            ) : null}
            <Table caption={t.cod()} rows={page.payments} keyOf={(payment) => payment.payment_id} testid={(payment) => ids.payment(payment.order_number)}
              columns={columns(status, ticked.value, (id, on) => tick([id], on), (payment) => { asking.value = payment; })} />
          </>
        )}
      </ListView>
      <More next={listed.page?.next} />
      {asking.value === "remitted" ? (
        <Ask title={t.remitTitle({ amount, count: chosen.length })} text={t.remitText()} action={t.remit({ amount, count: chosen.length })}
          field={{ label: t.courierReference(), hint: t.courierReferenceHint(), missing: t.errReference() }}
          onSend={(text) => codRemitted(chosen.map(({ payment_id }) => payment_id), text)} onDone={done(t.isRemitted({ amount, count: chosen.length }))} onClose={close} />
      ) : asking.value ? <CollectedDialog payment={asking.value} onDone={done} onClose={close} /> : null}
    </>
  );
}

function columns(
  status: CodStatus, ticked: ReadonlySet<string>, tick: (id: string, on: boolean) => void, ask: (payment: Payment) => void,
): Column<Payment>[] {
  const t = words.value;
  const last: Column<Payment>[] = status !== "created" ? [] : [{ key: "do", label: t.actions(), bare: true, cell: (payment) => (
    <button type="button" class="button button-quiet button-small" data-testid={ids.codCollected} aria-label={`${t.markCollected()}: ${payment.order_number}`} onClick={() => ask(payment)}>{t.markCollected()}…</button>
  ) }];
  return [
    { key: "order", label: t.order(), head: true, cell: (payment) => status === "collected" ? (
      <label class="tick"><input type="checkbox" checked={ticked.has(payment.payment_id)} data-testid={ids.codTick} onChange={(event) => tick(payment.payment_id, event.currentTarget.checked)} />{payment.order_number}</label>
    ) : <a class="row-link" href={`/admin/orders?order=${payment.order_id}`}>{payment.order_number}</a> },
    { key: "customer", label: t.customer(), cell: (payment) => <span dir="auto">{payment.customer_name || "–"}</span> },
    { key: "amount", label: t.amount(), figures: true, cell: (payment) => <strong>{money(language.value, payment.amount_minor)}</strong> },
    { key: "since", label: t.since(), cell: (payment) => time(status === "created" ? payment.created_at_ms : payment.updated_at_ms) },
    ...(status === "remitted" ? [{ key: "reference", label: t.reference(), cell: (payment: Payment) => payment.reference ?? payment.note ?? "–" }] : []),
    ...last,
  ];
}

interface CollectedProps {
  payment: Payment;
  onDone: (said: string) => () => void;
  onClose: () => void;
}

function CollectedDialog({ payment, onDone, onClose }: CollectedProps) {
  const t = words.value;
  const what = { amount: money(language.value, payment.amount_minor), number: payment.order_number };
  return (
    <Ask title={t.collectedTitle(what)} text={t.collectedText()} action={t.markCollected()} onSend={() => codCollected(payment.payment_id)}
      onDone={onDone(t.isCollected(what))} onClose={onClose} />
  );
}
