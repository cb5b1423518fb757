/** What the pages of products say the same way. */
import { business as words } from "../i18n/business.ts";
import { refusalText } from "../i18n/refusal.ts";
import type { Refusal } from "../wire/rest.ts";
import type { Move, Reason, State, Status } from "./api.ts";

export function stateText(state: State): string {
  const t = words.value;
  return { all: t.stateAll, for_sale: t.stateForSale, hidden: t.stateHidden, low_stock: t.stateLow, sold_out: t.stateSoldOut, discontinued: t.stateDiscontinued }[state]();
}

export function statusText(status: Status): string {
  const t = words.value;
  return { active: t.statusActive, inactive: t.statusInactive, discontinued: t.statusDiscontinued }[status]();
}

export function reasonText(reason: Reason): string {
  const t = words.value;
  return { received: t.reasonReceived, returned: t.reasonReturned, damaged: t.reasonDamaged, lost: t.reasonLost, counted: t.reasonCounted, correction: t.reasonCorrection }[reason]();
}

export function moveText(move: Move): string {
  const t = words.value;
  if (move.reason === null) return move.order_number ? t.moveOrder({ number: move.order_number }) : t.moveOther();
  if (move.reason === "opening") return t.moveOpening();
  if (move.reason === "import") return t.moveImport();
  return reasonText(move.reason);
}

/** A fault of the server by its stable code, in the words of the page; the server's own sentence where the page has none. */
export function faultText(code: string, message: string): string {
  const t = words.value;
  const sentences: Record<string, (() => string) | undefined> = {
    required: t.errRequired, above_mrp: t.errAboveMrp, malformed: t.errMalformed, too_long: t.errTooLong, too_many: t.errTooMany,
    out_of_range: t.errRange, unknown_rate: t.errRate, twice: t.errTwice, not_uploaded: t.errNotUploaded, not_https: t.errHttps,
    not_a_number: t.errNumber, too_exact: t.errExact, not_a_flag: t.errFlag, differs: t.errDiffers, sibling: t.errSibling, unknown: t.errUnknown,
    "product.sku_taken": t.skuTaken,
  };
  return sentences[code]?.() ?? message;
}

/** The faults of a refusal by field. */
export function faultsOf(refusal: Refusal): Record<string, string> {
  const { fields = {}, reasons = {} } = (refusal.details ?? {}) as { fields?: Record<string, string>; reasons?: Record<string, string> };
  return Object.fromEntries(Object.entries(fields).map(([path, message]) => [path, faultText(reasons[path] ?? "", message)]));
}

export function sentence(refusal: Refusal): string {
  const t = words.value;
  const reason = (refusal.details as { reason?: string } | undefined)?.reason ?? "";
  const own: Record<string, (() => string) | undefined> = {
    "product.invalid": t.errSome, "product.sku_taken": t.skuTaken, "product.not_found": t.productGone, "product.in_deal": t.inDeal,
    "product.not_wholesaler": t.notWholesaler, "stock.too_little": t.tooLittle, "image.unreadable": t.imageUnreadable, "image.too_large": t.imageTooLarge,
    "image.too_many": t.imageTooMany, "payload.wrong_type": t.imageUnreadable, "payload.too_large": t.fileTooLarge, "payload.invalid": t.errSome,
  };
  if (refusal.code === "import.unreadable") {
    const columns = ((refusal.details as { columns?: string[] } | undefined)?.columns ?? []).join(", ");
    return { not_utf8: t.fileNotUtf8(), columns_missing: t.fileColumns({ columns }), columns_twice: t.fileTwice({ columns }), empty: t.fileEmpty(), too_long: t.fileTooLong() }[reason] ?? t.fileNoTable();
  }
  return own[refusal.code]?.() ?? refusalText(refusal);
}
