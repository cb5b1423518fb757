/**
 * Handles for tests of `/business/money`, `/studio/money` and of a payee's statement in `/admin/money`: `balance-pending`
 *   `balance-available` `balance-on-its-way` `balance-paid-out` `line-<id>` (data-kind) `explain-<id>` `explained`
 *   `statement-month` `statement-download`
 */
export const ids = {
  balance: (name: string) => `balance-${name}`,
  line: (id: string) => `line-${id}`,
  explain: (id: string) => `explain-${id}`,
  explained: "explained",
  month: "statement-month",
  download: "statement-download",
} as const;
