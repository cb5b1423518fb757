/** The views of a page, and the filters of a list: links, because each of them is a place. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";

export interface Choice {
  key: string;
  label: string;
  /** Null: not known yet, and its room is kept. */
  count?: number | null | undefined;
  /** The count asks for somebody to act. */
  urgent?: boolean;
  way: { href: string; onClick: (event: MouseEvent) => void };
}

interface ChoicesProps {
  label: string;
  here: string;
  choices: readonly Choice[];
}

/** `inner`: below a page's own tabs, and drawn as a part of it. */
export function Tabs({ label, here, choices, inner = false }: ChoicesProps & { inner?: boolean }) {
  return (
    <nav ref={useHereInView(here)} class={inner ? "views" : "tabs"} aria-label={label}>
      {choices.map((choice) => (
        <a key={choice.key} aria-current={choice.key === here ? "page" : undefined} data-testid={`tab-${choice.key}`} {...choice.way}>{choice.label}<Count choice={choice} /></a>
      ))}
    </nav>
  );
}

export function Filters({ label, here, choices }: ChoicesProps) {
  return (
    <nav ref={useHereInView(here)} class="filters" aria-label={label}>
      {choices.map((choice) => (
        <a key={choice.key} class="filter" aria-current={choice.key === here ? "true" : undefined} data-testid={`filter-${choice.key}`} {...choice.way}>{choice.label}<Count choice={choice} /></a>
      ))}
    </nav>
  );
}

/** On a narrow screen the row scrolls: the chosen one is brought into it. */
function useHereInView(here: string) {
  const nav = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const chosen = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (nav.current && chosen) nav.current.scrollLeft = chosen.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - chosen.offsetWidth) / 2;
  }, [here]);
  return nav;
}

function Count({ choice }: { choice: Choice }) {
  if (choice.count === undefined) return null;
  const { count, urgent } = choice;
  return <span class="filter-count" data-bad={urgent === true && count !== null && count > 0}>{count === null ? null : number(language.value, count)}</span>;
}
