/** The one place that turns numbers, money and times into text. Languages: "en" and "hi", both with Indian grouping. */

export type Language = "en" | "hi";

const locales: Record<Language, string> = { en: "en-IN", hi: "hi-IN" };
const home = "Asia/Kolkata";

function memo<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) made.set(key, (value = make(key)));
    return value;
  };
}

const numbers = memo((language: Language) => new Intl.NumberFormat(locales[language]));
const compacts = memo((language: Language) => new Intl.NumberFormat(locales[language], { notation: "compact", maximumFractionDigits: 1 }));
const rules = memo((language: Language) => new Intl.PluralRules(locales[language]));
const rupees = memo((language: Language) =>
  new Intl.NumberFormat(locales[language], { style: "currency", currency: "INR", trailingZeroDisplay: "stripIfInteger" }),
);
const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The reader's time zone by its common name: "India Standard Time". */
export function zoneName(language: Language): string {
  const parts = new Intl.DateTimeFormat(locales[language], { timeZoneName: "long" }).formatToParts();
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone();
}

export function number(language: Language, value: number): string {
  return numbers(language).format(value);
}

/** Short form for a crowd ("1.2K"); never for money. */
export function compact(language: Language, value: number): string {
  return value < 1000 ? number(language, value) : compacts(language).format(value);
}

/** Intl writes a hyphen, which is easily overlooked beside figures and may end a line. */
export const withMinus = (text: string): string => text.replace("-", "−");

/** minor: paise, integer. Whole rupees are shown without decimals. */
export function money(language: Language, minor: number): string {
  return withMinus(rupees(language).format(minor / 100));
}

/** Pick a branch: the exact "=n" first, then the language's plural category, then "other". */
export function plural(language: Language, value: number, branches: Record<string, string>): string {
  return branches[`=${value}`] ?? branches[rules(language).select(value)] ?? branches.other ?? "";
}

/** Whole days from now's calendar day to at's, in the reader's zone. */
export function daysAhead(at_ms: number, now_ms: number): number {
  const day = (ms: number) => {
    const date = new Date(ms);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((day(at_ms) - day(now_ms)) / 86_400_000);
}

function zoneStyle(timeZone: string): Intl.DateTimeFormatOptions {
  return timeZone === home || timeZone === "Asia/Calcutta" ? {} : { timeZoneName: "short" };
}

export function clockTime(language: Language, at_ms: number): string {
  return new Intl.DateTimeFormat(locales[language], { hour: "numeric", minute: "2-digit", ...zoneStyle(zone()) }).format(at_ms);
}

export function dateTime(language: Language, at_ms: number): string {
  return new Intl.DateTimeFormat(locales[language], {
    day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit", ...zoneStyle(zone()),
  }).format(at_ms);
}

/** Start time of a live session: "today, 8:00 pm", "tomorrow, 8:00 pm", else the date. */
export function startTime(language: Language, at_ms: number, now_ms: number): string {
  const days = daysAhead(at_ms, now_ms);
  if (days !== 0 && days !== 1) return dateTime(language, at_ms);
  const day = new Intl.RelativeTimeFormat(locales[language], { numeric: "auto" }).format(days, "day");
  return `${day}, ${clockTime(language, at_ms)}`;
}

/** Rest of a countdown as h:mm:ss or m:ss, never below zero; rounded up so that it reaches 0:00 at the end. */
export function countdown(left_ms: number): string {
  const left_s = Math.max(0, Math.ceil(left_ms / 1000));
  const [h, m, s] = [Math.floor(left_s / 3600), Math.floor(left_s / 60) % 60, left_s % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
