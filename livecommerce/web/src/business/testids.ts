/**
 * Handles for tests of `/business`: `desk-products` `desk-orders` `desk-money` (ways around) `new-product` `import` `export` `filter-<state>`
 *   `find` `row-<id>` `stock-<id>`; editor: `edit-<field>` `variant-<n>-<field>` `add-variant` `remove-variant-<n>` `add-pictures` `save`;
 *   stock: `move-<n>` `reason` `note` `save-stock`; import: `file` `set-stock` `apply` `report` (its data-mode) `line-<n>` (its data-outcome)
 */
export const ids = {
  create: "new-product",
  import: "import",
  export: "export",
  find: "find",
  row: (id: string) => `row-${id}`,
  stock: (id: string) => `stock-${id}`,
  field: (name: string) => `edit-${name}`,
  variant: (n: number, name: string) => `variant-${n}-${name}`,
  addVariant: "add-variant",
  removeVariant: (n: number) => `remove-variant-${n}`,
  addPictures: "add-pictures",
  save: "save",
  move: (n: number) => `move-${n}`,
  reason: "reason",
  note: "note",
  saveStock: "save-stock",
  file: "file",
  setStock: "set-stock",
  apply: "apply",
  report: "report",
  line: (n: number) => `line-${n}`,
} as const;
