/** What became of one's own "SOLD A1 2", below the message that said it; nobody else sees it. */
import { language } from "../../i18n/language.ts";
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import type { ClaimAnswer, Product } from "../../wire/contract.gen.ts";
import { productText } from "../../wire/product-text.ts";
import type { Store } from "../store.ts";

function sentence(claim: ClaimAnswer, product: Product | null, keyword: string): string {
  const t = words.value;
  const called = product ? productText(product, language.value).name.text : claim.product_name;
  const name = claim.label !== "" && (product?.variants.length ?? 0) > 1 ? `${called}, ${claim.label}` : called;
  const { code, hold } = claim;
  switch (claim.outcome) {
    case "held":
      return hold !== null && hold.waiting > 0
        ? t.claimPartly({ count: hold.quantity, waiting: hold.waiting, name })
        : t.claimHeld({ count: hold?.quantity ?? claim.wished, name });
    case "waiting":
      return t.claimWaiting({ count: hold?.waiting ?? claim.wished, name });
    case "first_paid":
      return t.claimFirstPaid({ name });
    case "unclear":
      return t.claimUnclear({ name, example: `${keyword} ${code} ${claim.wished} ${claim.choices[0] ?? ""}`.trim() });
    case "unknown":
      return t.claimUnknown({ code });
    case "unavailable":
      return t.claimUnavailable({ name: name || code });
    case "invalid":
      return t.claimInvalid({ name });
  }
}

export function ClaimNote({ claim, store, onOpen }: { claim: ClaimAnswer; store: Store; onOpen: ((product_id: string) => void) | undefined }) {
  const { products, selling } = store.state.value;
  const product = products.find((one) => one.claim_code === claim.code) ?? null;
  const mayBuy = claim.outcome === "held" || claim.outcome === "first_paid" || claim.outcome === "unclear";
  return (
    <p class="line-claim" role="status" data-testid={ids.claim} data-outcome={claim.outcome}>
      <span>{sentence(claim, product, selling.claim_keyword)}</span>
      {mayBuy && product && onOpen
        ? <button type="button" class="link-button" onClick={() => onOpen(product.id)}>{words.value.buy()}</button>
        : null}
    </p>
  );
}
