/** The sums of the ledger, and that they come to nothing, as they have to. */
import { exactMoney } from "../i18n/exact.ts";
import { number } from "../i18n/format.ts";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { language } from "../i18n/language.ts";
import { ListView, useListed } from "../lists/listed.tsx";
import { Table } from "../lists/table.tsx";
import { Empty } from "../site/shell.tsx";
import { ledger } from "./api.ts";
import { ids } from "./testids.ts";
import { accountName, sentence } from "./words.ts";

export function LedgerView() {
  const t = words.value;
  const listed = useListed("ledger", ledger);
  return (
    <ListView listed={listed} sentence={sentence}>
      {(page) => page.accounts.length === 0 ? <Empty title={t.noLedger()} text={t.noLedgerText()} /> : (
        <>
          <p class={`callout ${page.is_balanced ? "callout-good" : "callout-bad"}`} data-testid={ids.balanced} data-balanced={page.is_balanced}>{page.is_balanced ? t.balanced() : t.notBalanced()}</p>
          <p class="quiet">{t.ledgerHint()}</p>
          <Table caption={t.ledger()} rows={page.accounts} keyOf={(account) => `${account.name} ${account.provider}`} columns={[
            { key: "name", label: t.account(), head: true, cell: (account) => <>{accountName(account.name)}{account.provider ? <small class="quiet cell-note">{account.provider}</small> : null}</> },
            { key: "accounts", label: t.accounts(), figures: true, cell: (account) => number(language.value, account.accounts) },
            { key: "balance", label: t.balance(), figures: true, cell: (account) => exactMoney(language.value, account.balance_minor) },
          ]} />
        </>
      )}
    </ListView>
  );
}
