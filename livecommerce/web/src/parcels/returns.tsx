/** What customers send back: decide, then say what came and whether it can be sold again. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { parcels as words } from "../i18n/parcels.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import type { Refusal, Reply } from "../wire/rest.ts";
import { decide, returns, type Return, type ReturnLine, type ReturnShelf } from "./api.ts";
import { follow, place, to } from "./place.ts";
import { ReceiveDialog } from "./receive.tsx";
import { ids } from "./testids.ts";
import { itemName, outOfDate, returnReason, ReturnTag, sentence, time } from "./words.tsx";

const shelves: readonly ReturnShelf[] = ["open", "requested", "approved", "received", "done"];

export function Returns() {
  const t = words.value;
  const { after } = place.value;
  const shelf = shelves.find((one) => one === place.value.status) ?? "open";
  const listed = useListed(`${shelf} ${after}`, () => returns(shelf, after));
  const older = listed.page?.next;
  const labels = { open: t.openReturns, requested: t.returnRequested, approved: t.returnApproved, received: t.returnReceived, done: t.done };
  return (
    <>
      <Filters label={t.status()} here={shelf} choices={shelves.map((key) => ({ key, label: labels[key](), way: follow(to({ status: key, after: "" })) }))} />
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.returns.length === 0 ? <Empty title={t.noReturns()} text={shelf === "open" ? t.noReturnsText() : undefined} /> : (
          <ul class="queries">
            {page.returns.map((one) => (
              <li key={one.id}>
                <ReturnCard one={one} onDone={() => void listed.load()}><a class="row-link" {...follow(to({ order: one.order_id }))}>{one.order_number}</a></ReturnCard>
              </li>
            ))}
          </ul>
        )}
      </ListView>
      <Pager older={older ? follow(to({ after: older })) : null} first={after === "" ? null : follow(to({ after: "" }))} />
    </>
  );
}

interface ReturnCardProps {
  one: Return;
  /** After a decision: ask for the newest state. */
  onDone: () => void;
  /** The link to its order, in a list of returns. */
  children?: ComponentChildren;
}

export function ReturnCard({ one, onDone, children }: ReturnCardProps) {
  const t = words.value;
  const asking = useSignal<"reject" | "receive" | null>(null);
  const note = useSignal("");
  const noteError = useSignal<string | undefined>(undefined);
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);

  const run = async (call: () => Promise<Reply<unknown>>, said: string): Promise<void> => {
    if (working.value) return;
    working.value = true;
    const answer = await call();
    working.value = false;
    refusal.value = answer.refused ?? null;
    if (answer.refused && !outOfDate.has(answer.refused.code)) return;
    asking.value = null;
    if (!answer.refused) toast(said);
    onDone();
  };
  const reject = () => {
    if (note.value.trim() === "") return void (noteError.value = t.errReason());
    return void run(() => decide(one.id, "reject", note.value.trim()), t.isRejected({ number: one.return_number }));
  };
  const refused = refusal.value ? <p class="callout callout-bad" role="alert">{sentence(refusal.value)}</p> : null;
  return (
    <article class="panel return-card" data-testid={ids.returnRow(one.return_number)}>
      <div class="row"><h2>{t.returnNumber({ number: one.return_number })}</h2><ReturnTag status={one.status} /></div>
      <p class="quiet">{children}{children ? " · " : ""}{t.requestedAt({ time: time(one.requested_at_ms) })}</p>
      <ul class="cell-list">{(one.lines ?? []).map((line) => <li key={line.order_item_id} dir="auto">{t.times({ count: line.quantity, name: itemName(line) })}{receivedText(one, line)}</li>)}</ul>
      <p><strong>{returnReason(one.reason)}</strong>{one.comment ? <span class="message-body" dir="auto"> – {one.comment}</span> : null}</p>
      {one.decision_note ? <p class="quiet" dir="auto">{t.yourNote({ note: one.decision_note })}</p> : null}
      {asking.value === null ? refused : null}
      <div class="actions">
        {one.status === "requested" ? (
          <>
            <button type="button" class="button button-primary" data-testid={ids.approve} onClick={() => void run(() => decide(one.id, "approve", ""), t.isApproved({ number: one.return_number }))}>{t.approve()}</button>
            <button type="button" class="button button-quiet" data-testid={ids.reject} onClick={() => { refusal.value = null; asking.value = "reject"; }}>{t.reject()}…</button>
          </>
        ) : null}
        {one.status === "approved" ? <button type="button" class="button button-primary" data-testid={ids.receive} onClick={() => { refusal.value = null; asking.value = "receive"; }}>{t.receive()}…</button> : null}
      </div>
      {asking.value === "reject" ? (
        <Confirm title={t.rejectTitle({ number: one.return_number })} text={t.rejectText()} keep={t.keep()} action={t.reject()} danger busy={working.value}
          testid={ids.confirmReject} onClose={() => { asking.value = null; }} onConfirm={reject}>
          <Field label={t.rejectWhy()} error={noteError.value}>
            {(described) => <textarea {...described} rows={3} maxLength={500} dir="auto" value={note.value} data-testid={ids.rejectNote} onInput={(event) => { note.value = event.currentTarget.value; noteError.value = undefined; }} />}
          </Field>
          {refused}
        </Confirm>
      ) : null}
      {asking.value === "receive" ? (
        <ReceiveDialog one={one} working={working.value} refused={refused} onClose={() => { asking.value = null; }} onSend={run} />
      ) : null}
    </article>
  );
}

function receivedText(one: Return, line: ReturnLine) {
  if (one.received_at_ms === null) return null;
  const t = words.value;
  return <span class="quiet"> · {t.cameIn({ count: line.quantity_received })}{line.quantity_received > 0 ? `, ${line.is_restocked ? t.backInStock() : t.notInStock()}` : ""}</span>;
}
