/**
 * A list as a table with real headers; on a narrow screen each row is a card with the same cells under the same
 * labels. The roles are spelled out because a browser takes them away from a table that is not drawn as one.
 */
import type { ComponentChildren } from "preact";

export interface Column<Row> {
  key: string;
  label: string;
  cell: (row: Row) => ComponentChildren;
  /** Figures stand right. */
  figures?: boolean;
  /** What the row is about: heads the card, without its label. */
  head?: boolean;
  /** Buttons: no label on the card. */
  bare?: boolean;
}

interface TableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  testid?: (row: Row) => string;
  /** Drawn under a row, over its whole width; null for none. */
  below?: (row: Row) => ComponentChildren;
}

export function Table<Row>({ caption, columns, rows, keyOf, testid, below }: TableProps<Row>) {
  return (
    <table class="table" role="table">
      <caption class="unseen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => <th key={column.key} role="columnheader" scope="col" data-figures={column.figures}>{column.bare ? <span class="unseen">{column.label}</span> : column.label}</th>)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => {
          const more = below?.(row) ?? null;
          return [
            <tr key={keyOf(row)} role="row" data-testid={testid?.(row)} data-open={more !== null}>
              {columns.map((column) => (
                <td key={column.key} role="cell" data-figures={column.figures} data-head={column.head} data-bare={column.bare}>
                  <span class="cell-label" aria-hidden="true">{column.label}</span>
                  <span class="cell-value">{column.cell(row)}</span>
                </td>
              ))}
            </tr>,
            more === null ? null : <tr key={`${keyOf(row)}-below`} role="row" class="below"><td role="cell" colSpan={columns.length}>{more}</td></tr>,
          ];
        })}
      </tbody>
    </table>
  );
}
