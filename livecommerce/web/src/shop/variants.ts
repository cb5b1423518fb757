/** Which variant a choice of colour, size and options means. Pure. */
import type { Variant } from "./api.ts";

/** What can be chosen: of each kind its values in the order of the variants. */
export interface Kind {
  readonly name: string;
  readonly values: readonly string[];
}

export type Choice = Readonly<Record<string, string>>;

const color = "color";
const size = "size";

export function valuesOf(variant: Variant): Choice {
  return {
    ...(variant.color ? { [color]: variant.color } : {}),
    ...(variant.size ? { [size]: variant.size } : {}),
    ...variant.options,
  };
}

/** Kinds in which the variants differ; one that all share is no choice. */
export function kindsOf(variants: readonly Variant[]): readonly Kind[] {
  const names = [...new Set(variants.flatMap((variant) => Object.keys(valuesOf(variant))))];
  return names
    .map((name) => ({ name, values: [...new Set(variants.flatMap((variant) => valuesOf(variant)[name] ?? []))] }))
    .filter((kind) => kind.values.length > 1);
}

/** The variant that has all that was chosen; of several the first that is in stock. */
export function variantFor(variants: readonly Variant[], choice: Choice): Variant | null {
  const fitting = variants.filter((variant) => fits(variant, choice));
  return fitting.find((variant) => variant.stock > 0) ?? fitting[0] ?? null;
}

/** The choice after one value was tapped: what does not go with it any more is dropped for what does. */
export function chosen(variants: readonly Variant[], choice: Choice, name: string, value: string): Choice {
  const wanted = { ...choice, [name]: value };
  const found = variantFor(variants, wanted) ?? variantFor(variants, { [name]: value });
  return found ? valuesOf(found) : wanted;
}

/** How many pieces can be had with this value, whatever the rest of the choice is. */
export function stockWith(variants: readonly Variant[], choice: Choice, name: string, value: string): number {
  const exact = variants.filter((variant) => fits(variant, { ...choice, [name]: value }));
  return (exact.length > 0 ? exact : variants.filter((variant) => fits(variant, { [name]: value })))
    .reduce((sum, variant) => sum + variant.stock, 0);
}

function fits(variant: Variant, choice: Choice): boolean {
  const values = valuesOf(variant);
  return Object.entries(choice).every(([name, value]) => values[name] === value);
}
