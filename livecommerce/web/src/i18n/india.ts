/** Time in India, wherever the reader is: what support promises is promised there. The sentence around it says so. */
import type { Language } from "./format.ts";

const locales: Record<Language, string> = { en: "en-IN", hi: "hi-IN" };

export function indiaTime(language: Language, at_ms: number): string {
  return new Intl.DateTimeFormat(locales[language], {
    day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit", timeZone: "Asia/Kolkata",
  }).format(at_ms);
}
