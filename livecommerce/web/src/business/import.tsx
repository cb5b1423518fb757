/** Products by a file: choose it, see what it would do line by line, then do it. The same file again changes nothing. */
import { useSignal } from "@preact/signals";
import { business as words } from "../i18n/business.ts";
import { Table, type Column } from "../lists/table.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { download } from "../wire/download.ts";
import { importFile, type ImportLine, type Report } from "./api.ts";
import { toList } from "./place.ts";
import { ids } from "./testids.ts";
import { faultText, sentence } from "./words.ts";

const mostShown = 300;
const most_bytes = 2 * 1024 * 1024;

export function Import() {
  const t = words.value;
  const file = useSignal<File | null>(null);
  const setStock = useSignal(false);
  const report = useSignal<Report | null>(null);
  const working = useSignal(false);
  const error = useSignal<string | null>(null);

  async function run(mode: Report["mode"]): Promise<void> {
    const chosen = file.value;
    if (!chosen) return;
    if (chosen.size > most_bytes) { error.value = t.fileTooLarge(); return; }
    working.value = true;
    error.value = null;
    // Its bytes now: a spreadsheet that saves the file again meanwhile would change what was looked at.
    const answer = await importFile(new Blob([await chosen.arrayBuffer()]), mode, setStock.value);
    working.value = false;
    if (answer.refused) { error.value = sentence(answer.refused); report.value = null; return; }
    report.value = answer.ok.report;
    if (mode === "apply") toast(t.imported());
  }
  const template = async () => {
    const refusal = await download("/wholesaler/product-import/template", "products-template.csv");
    if (refusal) toast(sentence(refusal));
  };
  const shown = report.value;
  const todo = shown ? shown.counts.create + shown.counts.update : 0;
  return (
    <>
      <a class="back-link" {...toList()}><Icon name="back" />{t.backToList()}</a>
      <h1>{t.importTitle()}</h1>
      <div class="panel form">
        <p>{t.importHow()} <button type="button" class="link-button" onClick={() => void template()}>{t.template()}</button></p>
        <label class="file-field">
          <span>{t.chooseFile()}</span>
          <input type="file" accept=".csv,text/csv" data-testid={ids.file} onChange={(event) => { file.value = event.currentTarget.files?.[0] ?? null; report.value = null; error.value = null; if (file.value) void run("dry_run"); }} />
        </label>
        <label class="switch">
          <span><b>{t.setStock()}</b><small>{t.setStockHint()}</small></span>
          <input type="checkbox" checked={setStock.value} data-testid={ids.setStock} onChange={(event) => { setStock.value = event.currentTarget.checked; if (file.value) void run("dry_run"); }} />
        </label>
        {error.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{error.value}</p> : null}
        {working.value ? <p class="working" role="status"><span class="spinner" />{t.importWorking()}</p> : null}
      </div>
      {shown && !working.value ? (
        <section class="own-report" aria-labelledby="report" data-testid={ids.report} data-mode={shown.mode}>
          <h2 id="report">{shown.mode === "dry_run" ? t.wouldDo() : t.hasDone()}</h2>
          <p role="status">{t.reportCounts({ create: shown.counts.create, update: shown.counts.update, unchanged: shown.counts.unchanged, refused: shown.counts.refused })}</p>
          {shown.ignored_columns.length > 0 ? <p class="callout">{t.ignoredColumns({ columns: shown.ignored_columns.join(", ") })}</p> : null}
          {shown.mode === "dry_run" && todo > 0 ? <button type="button" class="button button-primary" data-testid={ids.apply} onClick={() => void run("apply")}>{t.applyImport({ count: todo })}</button> : null}
          {shown.mode === "dry_run" && todo === 0 && shown.counts.refused === 0 ? <p class="callout callout-good">{t.nothingToDo()}</p> : null}
          <Lines lines={shown.lines} />
        </section>
      ) : null}
    </>
  );
}

/** Refused lines first: they are what somebody has to do something about. */
function Lines({ lines }: { lines: readonly ImportLine[] }) {
  const t = words.value;
  const sorted = [...lines.filter((line) => line.outcome === "refused"), ...lines.filter((line) => line.outcome !== "refused")];
  return (
    <>
      <div class="listed"><Table caption={t.linesTitle()} columns={columns()} rows={sorted.slice(0, mostShown)} keyOf={(line) => String(line.line)} testid={(line) => ids.line(line.line)} /></div>
      {sorted.length > mostShown ? <p class="quiet">{t.moreLines({ count: sorted.length - mostShown })}</p> : null}
    </>
  );
}

function columns(): readonly Column<ImportLine>[] {
  const t = words.value;
  const outcomes = { create: t.outcomeCreate, update: t.outcomeUpdate, unchanged: t.outcomeUnchanged, refused: t.outcomeRefused };
  return [
    { key: "line", label: t.colLine(), figures: true, cell: (line) => line.line },
    { key: "sku", label: t.colSku(), head: true, cell: (line) => <span dir="auto">{[line.sku, line.product_name].filter(Boolean).join(" · ") || "–"}</span> },
    { key: "outcome", label: t.colOutcome(), cell: (line) => <span class="tag" data-outcome={line.outcome} data-tone={line.outcome === "refused" ? "bad" : line.outcome === "unchanged" ? undefined : "good"}>{outcomes[line.outcome]()}</span> },
    { key: "why", label: t.colWhy(), cell: (line) => (line.faults.length === 0 ? "–" : (
      <ul class="own-faults">{line.faults.map((fault, n) => <li key={n}>{fault.column ? <code>{fault.column}</code> : null} {faultText(fault.code, fault.message)}</li>)}</ul>
    )) },
  ];
}
