/** Amounts of accounts, where every paisa and its sign are shown, and rates given in basis points. */
import { withMinus, type Language } from "./format.ts";

const locales: Record<Language, string> = { en: "en-IN", hi: "hi-IN" };

/** minor: paise, integer; always with paise, so that a column of them lines up. */
export function exactMoney(language: Language, minor: number): string {
  return withMinus(new Intl.NumberFormat(locales[language], { style: "currency", currency: "INR" }).format(minor / 100));
}

/** As exactMoney, with its sign, also a plus. */
export function signedMoney(language: Language, minor: number): string {
  return withMinus(new Intl.NumberFormat(locales[language], { style: "currency", currency: "INR", signDisplay: "exceptZero" }).format(minor / 100));
}

/** bp: basis points; 250 is "2.5%". */
export function rate(language: Language, bp: number): string {
  return new Intl.NumberFormat(locales[language], { style: "percent", maximumFractionDigits: 2 }).format(bp / 10_000);
}

/** "November 2026"; month: "2026-11". */
export function monthName(language: Language, month: string): string {
  return new Intl.DateTimeFormat(locales[language], { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(`${month}-01T00:00:00Z`));
}
