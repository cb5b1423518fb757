/** How a product comes: colours, sizes, options; each with its own price if it has one, a new one with its first pieces. */
import { business as words } from "../i18n/business.ts";
import { Icon } from "../ui/icon.tsx";
import { newId } from "../wire/id.ts";
import { newVariant, type VariantDraft } from "./draft.ts";
import { Group, type Form } from "./fields.tsx";
import { ids } from "./testids.ts";

const mostOptions = 2;

export function Variants({ form }: { form: Form }) {
  const t = words.value;
  const { draft, errors } = form;
  const variants = draft.value.variants;
  const put = (n: number, part: Partial<VariantDraft>) => {
    draft.value = { ...draft.value, variants: variants.map((one, place) => (place === n ? { ...one, ...part } : one)) };
    const gone = `variants.${n}`;
    if (Object.keys(errors.value).some((path) => path.startsWith(gone))) errors.value = Object.fromEntries(Object.entries(errors.value).filter(([path]) => !path.startsWith(gone)));
  };
  const remove = (n: number) => {
    const one = variants[n]!;
    draft.value = { ...draft.value, variants: variants.filter((_, place) => place !== n), removed: one.id ? [...draft.value.removed, one.id] : draft.value.removed };
    errors.value = {};
  };
  const add = () => {
    const last = variants.at(-1);
    const fresh = newVariant(newId());
    // What was typed for the last one is most of what the next one is.
    draft.value = { ...draft.value, variants: [...variants, last ? { ...fresh, color: last.color, options: last.options, price: last.price } : fresh] };
  };
  return (
    <Group title={t.groupVariants()}>
      <p class="quiet own-wide">{t.variantsHint()}</p>
      {errors.value.variants ? <p class="field-error own-wide" role="alert">{errors.value.variants}</p> : null}
      <ul class="own-variants own-wide">
        {variants.map((variant, n) => (
          <li key={variant.key}>
            <One variant={variant} n={n} fault={(name) => errors.value[name ? `variants.${n}.${name}` : `variants.${n}`]} onPut={(part) => put(n, part)} />
            <button type="button" class="icon-button" aria-label={t.removeVariant({ name: titleOf(variant) })} disabled={variants.length === 1} data-testid={ids.removeVariant(n)} onClick={() => remove(n)}><Icon name="trash" /></button>
          </li>
        ))}
      </ul>
      <button type="button" class="button button-quiet own-add" data-testid={ids.addVariant} onClick={add}><Icon name="plus" />{t.addVariant()}</button>
    </Group>
  );
}

const titleOf = (variant: VariantDraft): string =>
  [variant.color, variant.size, ...variant.options.map(([, value]) => value)].filter((text) => text.trim() !== "").join(" / ") || words.value.standard();

interface OneProps {
  variant: VariantDraft;
  n: number;
  fault: (name: string) => string | undefined;
  onPut: (part: Partial<VariantDraft>) => void;
}

function One({ variant, n, fault, onPut }: OneProps) {
  const t = words.value;
  const cell = (name: "color" | "size" | "sku" | "price" | "stock", label: string, path = name as string) => (
    <Cell wide={name === "sku"} label={label} value={variant[name]} error={fault(path)} numeric={name === "price" || name === "stock"} testid={ids.variant(n, name)} onInput={(text) => onPut({ [name]: text })} />
  );
  const options = [...variant.options, ...(variant.options.length < mostOptions ? [["", ""] as const] : [])];
  const putOption = (place: number, part: 0 | 1, text: string) => {
    const next = options.map((one, at) => (at === place ? (part === 0 ? [text, one[1]] : [one[0], text]) as readonly [string, string] : one));
    onPut({ options: next.filter(([name, value]) => name !== "" || value !== "") });
  };
  return (
    <fieldset class="own-variant" data-wrong={fault("") !== undefined}>
      <legend class="unseen">{titleOf(variant)}</legend>
      {cell("color", t.color())}
      {cell("size", t.size())}
      {options.map(([name, value], place) => (
        <span key={place} class="own-option">
          <Cell label={t.optionName()} value={name} testid={ids.variant(n, `option-${place}-name`)} onInput={(text) => putOption(place, 0, text)} />
          <Cell label={t.optionValue()} value={value} error={fault("options")} testid={ids.variant(n, `option-${place}-value`)} onInput={(text) => putOption(place, 1, text)} />
        </span>
      ))}
      {cell("sku", t.variantSku())}
      {cell("price", t.variantPrice(), "price_minor")}
      {variant.id ? <p class="own-cell"><span>{t.colStock()}</span><strong>{variant.onHand}</strong></p> : cell("stock", t.firstStock())}
      {fault("") ? <p class="field-error own-row" role="alert">{fault("")}</p> : null}
    </fieldset>
  );
}

interface CellProps {
  label: string;
  value: string;
  error?: string | undefined;
  numeric?: boolean;
  wide?: boolean;
  testid: string;
  onInput: (text: string) => void;
}

function Cell({ label, value, error, numeric = false, wide = false, testid, onInput }: CellProps) {
  return (
    <label class="own-cell" data-wide={wide} data-wrong={error !== undefined}>
      <span>{label}</span>
      <input value={value} maxLength={100} dir={numeric ? undefined : "auto"} inputMode={numeric ? "decimal" : "text"} autocomplete="off" aria-invalid={error !== undefined} data-testid={testid} onInput={(event) => onInput(event.currentTarget.value)} />
      {error ? <small class="field-error">{error}</small> : null}
    </label>
  );
}
