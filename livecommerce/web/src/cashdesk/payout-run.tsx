/** The next payout run: what it would pay, and the dialog that starts it. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { money } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { useAct } from "../lists/act.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Attempts } from "../support/attempt.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { newId } from "../wire/id.ts";
import { makeBatch, type Batch } from "./api.ts";
import { everybody } from "./everybody.ts";
import { here } from "./place.ts";
import { isTyped, preview, type Preview } from "./run.ts";
import { ids } from "./testids.ts";
import { problemText, sentence } from "./words.ts";

export function PayoutRun({ onDone }: { onDone: () => void }) {
  const t = words.value;
  const listed = useListed("run", everybody);
  const asking = useSignal<Preview | null>(null);
  const done = useSignal<{ batch: Batch; said: Preview } | null>(null);
  return (
    <section class="panel run" aria-labelledby="run">
      <h2 id="run">{t.nextRun()}</h2>
      {done.value ? <Done batch={done.value.batch} said={done.value.said} /> : null}
      <ListView listed={listed} sentence={sentence}>
        {(all) => {
          const found = preview(all);
          return (
            <>
              <p class="lead" data-testid={ids.preview} data-minor={found.amount_minor} data-payees={found.payees}>{t.runWouldPay({ amount: money(language.value, found.amount_minor), count: found.payees })}</p>
              {found.payees > 0 ? <p class="quiet">{t.runWho({ wholesalers: found.wholesalers, influencers: found.influencers })}</p> : null}
              {found.left.length > 0 ? (
                <div>
                  <p class="row-label">{t.leftOut()}</p>
                  <ul class="cell-list">{found.left.map((left) => <li key={left.problem}>{t.leftOutFor({ problem: problemText(left.problem), count: left.payees, amount: money(language.value, left.amount_minor) })}</li>)}</ul>
                </div>
              ) : null}
              {found.payees > 0 ? <div class="actions"><button type="button" class="button button-primary" data-testid={ids.start} onClick={() => { asking.value = found; }}>{t.startRun()}…</button></div> : null}
            </>
          );
        }}
      </ListView>
      {asking.value ? (
        <RunDialog said={asking.value} onClose={() => { asking.value = null; }}
          onDone={(batch) => {
            done.value = { batch, said: asking.value! };
            asking.value = null;
            void listed.load();
            onDone();
          }} />
      ) : null}
    </section>
  );
}

/** What was claimed, and whether it differs from what was shown: a sale or a refund may have come between. */
function Done({ batch, said }: { batch: Batch; said: Preview }) {
  const t = words.value;
  const differs = batch.amount_minor !== said.amount_minor || batch.payouts !== said.payees;
  return (
    <div class="callout callout-good" role="status">
      <span>
        {t.runDone({ amount: money(language.value, batch.amount_minor), count: batch.payouts })}
        {differs ? ` ${t.runDiffers({ amount: money(language.value, said.amount_minor), count: said.payees })}` : ""}
      </span>
      <a class="button button-quiet button-small" {...here.follow(here.to({ view: "payouts", batch: batch.id }, true))}>{t.openBatch()}</a>
    </div>
  );
}

function RunDialog({ said, onClose, onDone }: { said: Preview; onClose: () => void; onDone: (batch: Batch) => void }) {
  const t = words.value;
  const typed = useSignal("");
  const error = useSignal<string | undefined>(undefined);
  const act = useAct();
  const attempts = useRef(new Attempts(newId));
  const amount = money(language.value, said.amount_minor);
  const input = useRef<HTMLInputElement | null>(null);
  const start = async () => {
    if (!isTyped(t.runWord(), typed.value)) {
      error.value = t.errRunWord({ word: t.runWord() });
      return input.current?.focus();
    }
    const made = await act.run(() => makeBatch(attempts.current.idOf(said)));
    if (made) onDone(made.batch);
  };
  return (
    <Confirm title={t.runTitle({ amount, count: said.payees })} text={t.runText()} keep={t.keep()} action={t.runAction({ amount, count: said.payees })} busy={act.working.value}
      testid={ids.confirmRun} onClose={onClose} onConfirm={() => void start()}>
      <Field label={t.typeWord({ word: t.runWord() })} error={error.value}>
        {(described) => (
          <input ref={input} {...described} value={typed.value} autocomplete="off" autocapitalize="characters" spellcheck={false} data-testid={ids.word}
            onInput={(event) => { typed.value = event.currentTarget.value; error.value = undefined; }} />
        )}
      </Field>
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
    </Confirm>
  );
}
