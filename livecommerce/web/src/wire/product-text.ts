/** What a product is called on the page: in the page's language where there is a translation, else as it was written. */
import type { Language } from "../i18n/format.ts";

export interface Translated {
  readonly name: string;
  readonly short_description?: string;
  readonly translations: Readonly<Record<string, { readonly name: string; readonly short_description: string | null }>>;
}

export interface Text {
  readonly text: string;
  /** For the element's lang attribute, when it is not the page's language. */
  readonly lang: Language | undefined;
}

export function productText(product: Translated, page: Language): { name: Text; about: Text } {
  const own = product.translations[page];
  return {
    name: written(own?.name || product.name, page),
    about: written(own?.short_description || product.short_description || "", page),
  };
}

/** Nobody says in which language a text is written; between ours, its script does. */
export function written(text: string, page: Language): Text {
  const lang = /\p{Script=Devanagari}/u.test(text) ? "hi" : /[a-z]/i.test(text) ? "en" : page;
  return { text, lang: lang === page ? undefined : lang };
}
