/**
 * Which language the page speaks, and the message catalogues.
 *
 * English is in the page's own script, so first paint never waits. Another language is a chunk per
 * catalogue; `languageReady()` resolves when every catalogue registered so far speaks it.
 */
import { batch, signal, type ReadonlySignal } from "@preact/signals";
import type { Language } from "./format.ts";

const memory = "lc-language";

function remembered(): Language {
  try {
    const kept = localStorage.getItem(memory);
    if (kept === "en" || kept === "hi") return kept;
  } catch {
    // Storage is off in some private windows: the browser's language decides.
  }
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === "en" || tag === "hi");
  return wanted === "hi" ? "hi" : "en";
}

const current = signal<Language>(remembered());
export const language: ReadonlySignal<Language> = current;

type Loader = (language: Language) => Promise<() => void>;
const loaders: Loader[] = [];
let loading: Promise<void> = Promise.resolve();

/** Register a catalogue; the returned signal holds the functions of the language in force. */
export function catalogue<Words>(english: Words, hindi: () => Promise<{ words: Words }>): ReadonlySignal<Words> {
  const words = signal(english);
  const load: Loader = async (wanted) => {
    const next = wanted === "hi" ? (await hindi()).words : english;
    return () => { words.value = next; };
  };
  loaders.push(load);
  if (current.value !== "en") {
    loading = Promise.all([loading, load(current.value).then((apply) => apply())]).then(() => undefined);
  }
  return words;
}

export function languageReady(): Promise<void> {
  document.documentElement.lang = current.value;
  return loading.catch(() => undefined);
}

/** Change the language in place; nothing changes when its catalogues cannot be fetched. */
export async function setLanguage(wanted: Language): Promise<void> {
  const applies = await Promise.all(loaders.map((load) => load(wanted)));
  batch(() => {
    for (const apply of applies) apply();
    current.value = wanted;
  });
  document.documentElement.lang = wanted;
  try {
    localStorage.setItem(memory, wanted);
  } catch {
    // The choice then lasts for this page only.
  }
}
