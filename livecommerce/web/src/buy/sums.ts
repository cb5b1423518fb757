/** The sums of an order as the page shows them; the server has the last word. Pure. */

export interface Sums {
  readonly subtotal_minor: number;
  readonly shipping_minor: number;
  readonly cod_fee_minor: number;
  readonly discount_minor: number;
  readonly total_minor: number;
}

export interface Counted {
  readonly subtotal_minor: number;
  readonly shipping_minor: number;
  /** What cash on delivery costs, when that is the way of paying. */
  readonly cod_fee_minor: number;
}

/** `corrected_minor`: the total that the server named for exactly these lines, when it was another. */
export function sums(counted: Counted, isCash: boolean, discount_minor: number, corrected_minor: number | null): Sums {
  const cod_fee_minor = isCash ? counted.cod_fee_minor : 0;
  const discount = Math.min(discount_minor, counted.subtotal_minor);
  const total = counted.subtotal_minor + counted.shipping_minor + cod_fee_minor - discount;
  if (corrected_minor === null || corrected_minor === total) {
    return { subtotal_minor: counted.subtotal_minor, shipping_minor: counted.shipping_minor, cod_fee_minor, discount_minor: discount, total_minor: total };
  }
  // Of what is not known better, the goods are what has another price.
  const subtotal_minor = corrected_minor - counted.shipping_minor - cod_fee_minor + discount;
  return { subtotal_minor, shipping_minor: counted.shipping_minor, cod_fee_minor, discount_minor: discount, total_minor: corrected_minor };
}
