/** Stock of a product: moved with a reason, and how it moved before. Deltas, because others sell meanwhile. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { business as words } from "../i18n/business.ts";
import { common } from "../i18n/common.ts";
import { dateTime, number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { Table, type Column } from "../lists/table.tsx";
import { LoadFailed } from "../site/shell.tsx";
import { Attempts } from "../support/attempt.ts";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { adjust, moves, one, reasons, type Move, type Product, type Reason } from "./api.ts";
import { at, toList } from "./place.ts";
import { deltasOf } from "./stock-change.ts";
import { ids } from "./testids.ts";
import { moveText, reasonText, sentence } from "./words.ts";

export function StockView({ id }: { id: string }) {
  const t = words.value;
  const product = useSignal<Product | null>(null);
  const history = useSignal<readonly Move[]>([]);
  const next = useSignal<string | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const loadMoves = async (after: string) => {
    const answer = await moves(id, after);
    if (!answer.ok) return;
    history.value = after === "" ? answer.ok.moves : [...history.value, ...answer.ok.moves];
    next.value = answer.ok.next;
  };
  const load = async () => {
    const answer = await one(id);
    if (answer.ok) product.value = answer.ok.product;
    refusal.value = answer.refused ?? null;
    await loadMoves("");
  };
  useEffect(() => void load(), [id]);
  return (
    <>
      <a class="back-link" {...toList()}><Icon name="back" />{t.backToList()}</a>
      {refusal.value ? <LoadFailed text={sentence(refusal.value)} onRetry={() => void load()} /> : null}
      {product.value ? (
        <>
          <div class="page-head"><h1 dir="auto">{t.stockOf({ name: product.value.name })}</h1><a class="button button-quiet" {...at.follow(at.to({ view: "" }))}>{t.editProduct()}</a></div>
          <Adjust product={product} onDone={() => void loadMoves("")} />
          <section class="own-moves" aria-labelledby="moves">
            <h2 id="moves">{t.movesTitle()}</h2>
            {history.value.length === 0 ? <p class="empty">{t.noMoves()}</p> : <div class="listed"><Table caption={t.movesTitle()} columns={columns()} rows={history.value} keyOf={(move) => String(move.id)} /></div>}
            {next.value ? <button type="button" class="button button-quiet" onClick={() => void loadMoves(next.value ?? "")}>{t.olderMoves()}</button> : null}
          </section>
        </>
      ) : refusal.value ? null : <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p>}
    </>
  );
}

function Adjust({ product, onDone }: { product: Signal<Product | null>; onDone: () => void }) {
  const t = words.value;
  const reason = useSignal<Reason>("received");
  const note = useSignal("");
  const typed = useSignal<Readonly<Record<string, string>>>({});
  const working = useSignal(false);
  const error = useSignal<string | null>(null);
  const attempts = useRef(new Attempts(newId));
  const variants = product.value?.variants ?? [];
  async function save(): Promise<void> {
    const changes = deltasOf(reason.value, typed.value);
    if (changes === null) { error.value = t.errPieces(); return; }
    if (changes.length === 0) { error.value = t.errNothing(); return; }
    const body = { reason: reason.value, note: note.value.trim(), changes };
    working.value = true;
    const answer = await adjust(product.value!.id, { id: attempts.current.idOf(body), ...body });
    working.value = false;
    error.value = answer.refused ? sentence(answer.refused) : null;
    if (!answer.ok) return;
    attempts.current.done();
    product.value = answer.ok.product;
    typed.value = {};
    note.value = "";
    toast(t.stockSaved());
    onDone();
  }
  const label = reason.value === "counted" ? t.countedPieces() : t.morePieces();
  return (
    <form class="panel form" noValidate onSubmit={(event) => { event.preventDefault(); if (!working.value) void save(); }}>
      <Field label={t.reason()}>
        {(described) => (
          <select {...described} value={reason.value} data-testid={ids.reason} onChange={(event) => { reason.value = event.currentTarget.value as Reason; }}>
            {reasons.map((key) => <option key={key} value={key}>{reasonText(key)}</option>)}
          </select>
        )}
      </Field>
      <p class="quiet">{reason.value === "counted" ? t.countedHint() : reason.value === "damaged" || reason.value === "lost" ? t.fewerHint() : t.moreHint()}</p>
      <ul class="own-stock">
        {variants.map((variant, n) => (
          <li key={variant.id}>
            <span><strong dir="auto">{variant.label}</strong><span class="quiet">{t.onHand({ count: variant.stock })}</span></span>
            <label><span class="unseen">{label}: {variant.label}</span>
              <input inputMode={reason.value === "correction" ? "text" : "numeric"} value={typed.value[variant.id] ?? ""} maxLength={8} placeholder={reason.value === "counted" ? String(variant.stock) : "0"} data-testid={ids.move(n)}
                onInput={(event) => { typed.value = { ...typed.value, [variant.id]: event.currentTarget.value }; error.value = null; }} />
            </label>
          </li>
        ))}
      </ul>
      <Field label={t.note()} optional={t.optional()}>
        {(described) => <input {...described} value={note.value} maxLength={500} dir="auto" data-testid={ids.note} onInput={(event) => { note.value = event.currentTarget.value; }} />}
      </Field>
      {error.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{error.value}</p> : null}
      <button type="submit" class="button button-primary" data-testid={ids.saveStock} aria-disabled={working.value}>{t.saveStock()}</button>
    </form>
  );
}

function columns(): readonly Column<Move>[] {
  const t = words.value;
  return [
    { key: "at", label: t.colWhen(), head: true, cell: (move) => dateTime(language.value, move.at_ms) },
    { key: "variant", label: t.colVariant(), cell: (move) => move.label },
    { key: "delta", label: t.colPieces(), figures: true, cell: (move) => `${move.delta > 0 ? "+" : "−"}${number(language.value, Math.abs(move.delta))}` },
    { key: "why", label: t.colWhy(), cell: (move) => <span>{moveText(move)}{move.note ? <span class="quiet" dir="auto"> · {move.note}</span> : null}</span> },
    { key: "who", label: t.colWho(), cell: (move) => move.by ?? "–" },
  ];
}
