/**
 * What a product costs and how many there are for this person: the product beside deals, the deals, and what is
 * promised to them. Pure.
 */
import type { Deal, Hold, Product, Variant } from "../wire/contract.gen.ts";

export interface SellingFacts {
  deals: readonly Deal[];
  /** By variant. */
  holds: Readonly<Record<string, Hold>>;
  /** Deals that the server did not give this person: over, or their limit is reached. */
  passed: ReadonlySet<string>;
  /** Server time. */
  at_ms: number;
}

/**
 * The deal that a variant is sold at, if any: begun, not sold out, cheaper than without it.
 *
 * One that should be over by now still counts: the server ends deals, the page never does.
 */
export function dealOf(product_id: string, variant: Variant, { deals, passed, at_ms }: SellingFacts): Deal | null {
  const running = deals.filter((deal) => deal.product_id === product_id && (deal.variant_id === null || deal.variant_id === variant.id)
    && deal.starts_at_ms <= at_ms && !passed.has(deal.id) && deal.price_minor <= variant.price_minor
    && (deal.total_limit === null || deal.sold < deal.total_limit));
  return running.reduce<Deal | null>((best, deal) => (best === null || deal.price_minor < best.price_minor ? deal : best), null);
}

/** The next deal on a product that is announced and has not begun. */
export function comingDeal(product_id: string, { deals, at_ms }: SellingFacts): Deal | null {
  return deals.find((deal) => deal.product_id === product_id && deal.starts_at_ms > at_ms) ?? null;
}

/** How many of a deal are left; null when it has no limit. */
export function dealLeft(deal: Deal): number | null {
  return deal.total_limit === null ? null : Math.max(0, deal.total_limit - deal.sold);
}

/** What is held of a variant at this moment; expired holds are none, though nobody has said so yet. */
export function heldOf(variant_id: string, { holds, at_ms }: SellingFacts): Hold | null {
  const hold = holds[variant_id];
  return hold !== undefined && hold.quantity > 0 && (hold.expires_at_ms ?? 0) > at_ms ? hold : null;
}

/** The products at their prices with deals, own holds counted in; what undercuts the usual price strikes it. */
export function shownProducts(plain: readonly Product[], facts: SellingFacts): readonly Product[] {
  return plain.map((product) => {
    const deals = product.variants.map((variant) => dealOf(product.id, variant, facts));
    const isUntouched = deals.every((deal) => deal === null) && product.variants.every((variant) => heldOf(variant.id, facts) === null);
    if (isUntouched) return product;
    const variants = product.variants.map((variant, at) => ({
      ...variant,
      price_minor: deals[at]?.price_minor ?? variant.price_minor,
      stock: variant.stock + (heldOf(variant.id, facts)?.quantity ?? 0),
    }));
    const price_minor = Math.min(...variants.map((variant) => variant.price_minor));
    const usual_minor = product.compare_at_minor ?? product.price_minor;
    return {
      ...product, variants, price_minor,
      compare_at_minor: usual_minor > price_minor ? usual_minor : null,
      stock: variants.reduce((sum, variant) => sum + variant.stock, 0),
    };
  });
}

/** When something changes by the clock alone: a deal begins, a hold runs out. Null when nothing does. */
export function nextChange(facts: SellingFacts): number | null {
  const starts = facts.deals.map((deal) => deal.starts_at_ms);
  const ends = Object.values(facts.holds).map((hold) => (hold.quantity > 0 ? hold.expires_at_ms ?? 0 : 0));
  const ahead = [...starts, ...ends].filter((at_ms) => at_ms > facts.at_ms);
  return ahead.length === 0 ? null : Math.min(...ahead);
}
