/** What somebody has earned, line by line: each with why it is that amount, and when it can be paid out. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { dateTime, money, number } from "../i18n/format.ts";
import { exactMoney, monthName, rate, signedMoney } from "../i18n/exact.ts";
import { language } from "../i18n/language.ts";
import { statement as words } from "../i18n/statement.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import type { Places } from "../lists/place.ts";
import { Table, type Column } from "../lists/table.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { toast } from "../ui/toast.tsx";
import { download } from "../wire/download.ts";
import { statement, statementFile, type Account, type Balances, type Breakdown, type PayeeKind, type StatementLine } from "./api.ts";
import { explained } from "./explain.ts";
import { months } from "./months.ts";
import { ids } from "./testids.ts";
import { accountText, kindText, ofWhat, sentence, stepText } from "./words.ts";

interface StatementProps {
  kind: PayeeKind;
  /** Whose: "/wholesaler", "/influencer", or for admins "/admin/payees/<kind>/<id>". */
  of: string;
  here: Places<"account" | "after">;
  /** Stands below, once it is known how far down that is. */
  children?: ComponentChildren;
}

const accounts: readonly Account[] = ["all", "pending", "available"];

export function StatementView({ kind, of, here, children }: StatementProps) {
  const t = words.value;
  const { after } = here.place.value;
  const account = accounts.find((one) => one === here.place.value.account) ?? "all";
  const listed = useListed(`${of} ${account} ${after}`, () => statement(of, account, after));
  const older = listed.page?.next;
  const labels = { all: t.allLines, pending: t.pending, available: t.available };
  return (
    <>
      <ListView listed={listed} sentence={sentence}>
        {(page) => (
          <>
            <BalanceTiles balances={page.balances} />
            <div class="list-bar">
              <Filters label={t.account()} here={account} choices={accounts.map((key) => ({ key, label: labels[key](), way: here.follow(here.to({ account: key, after: "" })) }))} />
              <Download of={of} />
            </div>
            {page.lines.length === 0 ? <Empty title={t.none()} text={account === "all" ? t.noneText() : undefined} /> : <Lines kind={kind} lines={page.lines} />}
          </>
        )}
      </ListView>
      <Pager older={older ? here.follow(here.to({ after: older })) : null} first={after === "" ? null : here.follow(here.to({ after: "" }))} />
      {listed.page === null && listed.refusal === null ? null : children}
    </>
  );
}

function BalanceTiles({ balances }: { balances: Balances }) {
  const t = words.value;
  const tiles: [string, string, number, string][] = [
    ["pending", t.pending(), balances.pending_minor, t.pendingHint({ days: balances.hold_days })],
    ["available", t.available(), balances.available_minor,
      balances.available_minor < 0 ? t.negativeHint() : t.availableHint({ amount: balances.minimum_payout_minor })],
    ["on-its-way", t.onItsWay(), balances.on_its_way_minor, t.onItsWayHint()],
    ["paid-out", t.paidOut(), balances.paid_out_minor, t.paidOutHint()],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, label, amount, hint]) => (
        <div key={name} class="tile" data-main={name === "available"}>
          <dt>{label}</dt>
          <dd data-testid={ids.balance(name)} data-minor={amount} data-bad={amount < 0}>{exactMoney(language.value, amount)}</dd>
          <dd class="quiet">{hint}</dd>
        </div>
      ))}
    </dl>
  );
}

const shownMonths = 24;

function Download({ of }: { of: string }) {
  const t = words.value;
  const choices = months(Date.now(), shownMonths);
  const month = useSignal(choices[0]!);
  const working = useSignal(false);
  const fetchIt = async () => {
    working.value = true;
    const refusal = await download(statementFile(of, month.value), `statement-${month.value}.csv`);
    working.value = false;
    if (refusal) toast(sentence(refusal));
  };
  return (
    <form class="download" onSubmit={(event) => { event.preventDefault(); if (!working.value) void fetchIt(); }}>
      <label class="picker-row">
        <span class="unseen">{t.month()}</span>
        <select value={month.value} data-testid={ids.month} onChange={(event) => { month.value = event.currentTarget.value; }}>
          {choices.map((one) => <option key={one} value={one}>{monthName(language.value, one)}</option>)}
        </select>
      </label>
      <button type="submit" class="button button-quiet" data-testid={ids.download} aria-disabled={working.value}>{t.download()}</button>
    </form>
  );
}

function Lines({ kind, lines }: { kind: PayeeKind; lines: readonly StatementLine[] }) {
  const t = words.value;
  const open = useSignal<string | null>(null);
  const columns: Column<StatementLine>[] = [
    { key: "what", label: t.what(), head: true, cell: (line) => <What line={line} /> },
    { key: "at", label: t.date(), cell: (line) => dateTime(language.value, line.at_ms) },
    { key: "account", label: t.account(), cell: (line) => <AccountCell line={line} /> },
    { key: "amount", label: t.amount(), figures: true, cell: (line) => <strong data-bad={line.amount_minor < 0}>{signedMoney(language.value, line.amount_minor)}</strong> },
    { key: "balance", label: t.balance(), figures: true, cell: (line) => exactMoney(language.value, line.balance_minor) },
    { key: "why", label: t.why(), bare: true, cell: (line) => !isExplained(line) ? null : (
      <button type="button" class="link-button" aria-expanded={open.value === line.id} data-testid={ids.explain(line.id)}
        onClick={() => { open.value = open.value === line.id ? null : line.id; }}>{t.why()}</button>
    ) },
  ];
  return (
    <Table caption={t.title()} columns={columns} rows={lines} keyOf={(line) => line.id} testid={(line) => ids.line(line.id)}
      below={(line) => (open.value === line.id && line.breakdown !== null ? <Explanation kind={kind} line={line} split={line.breakdown} /> : null)} />
  );
}

/** The lines that a sale's split is about; what makes up for a coupon says so itself. */
const isExplained = ({ breakdown, part }: StatementLine) => breakdown !== null && (part === "wholesaler" || part === "commission");

function What({ line }: { line: StatementLine }) {
  const t = words.value;
  return (
    <>
      {kindText(line)}
      {line.product_name ? <small class="cell-note" dir="auto">{line.quantity === null ? line.product_name : t.times({ count: line.quantity, name: line.product_name })}</small> : null}
      {line.order_number ? <small class="quiet cell-note">{t.order({ number: line.order_number })}</small> : null}
      {line.note ? <small class="quiet cell-note" dir="auto">{line.note}</small> : null}
    </>
  );
}

function AccountCell({ line }: { line: StatementLine }) {
  const t = words.value;
  return (
    <>
      {accountText(line.account)}
      {line.available_from_ms === null ? null : <small class="quiet cell-note">{t.availableFrom({ time: dateTime(language.value, line.available_from_ms) })}</small>}
    </>
  );
}

function Explanation({ kind, line, split }: { kind: PayeeKind; line: StatementLine; split: Breakdown }) {
  const t = words.value;
  const { steps, result_minor } = explained(kind, split);
  const isBack = line.kind === "refund";
  const figures = { base: size(split.base_minor), tax: size(split.tax_minor), paid: size(split.paid_minor) };
  return (
    <div class="explained" data-testid={ids.explained}>
      <p class="quiet">{isBack ? t.explainRefund(figures) : t.explainIntro(figures)}</p>
      <dl class="sums">
        {steps.map((step, at) => (
          <div key={step.kind}>
            <dt>{isBack && step.kind === "paid" ? t.stepGivenBack() : stepText(step.kind)}{step.rate_bp === null ? null : <small class="quiet"> {ofWhat(step.kind, rate(language.value, step.rate_bp))}</small>}</dt>
            <dd>{at === 0 ? exactMoney(language.value, step.amount_minor) : signedMoney(language.value, step.amount_minor)}</dd>
          </div>
        ))}
        <div class="sum"><dt>{kind === "wholesaler" ? t.resultWholesaler() : t.resultInfluencer()}</dt><dd>{exactMoney(language.value, result_minor)}</dd></div>
      </dl>
      {split.discount_minor > 0 ? <p class="quiet">{funding(split)}</p> : null}
      {line.quantity !== null && line.quantity > 1 ? <p class="quiet">{t.explainQuantity({ count: number(language.value, line.quantity) })}</p> : null}
    </div>
  );
}

/** Of what is below zero where it goes back. */
const size = (amount_minor: number): string => money(language.value, Math.abs(amount_minor));

/** Who makes up for the coupon; that is a line of its own. */
function funding({ discount_minor, funded_by }: Breakdown): string {
  const t = words.value;
  const amount = money(language.value, discount_minor);
  if (funded_by === "wholesaler") return t.couponWholesaler({ amount });
  return funded_by === "influencer" ? t.couponInfluencer({ amount }) : t.couponPlatform({ amount });
}
