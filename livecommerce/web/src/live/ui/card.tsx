/** A card over the video: what it is, how long it goes on, and the way to put it away. */
import type { ComponentChildren } from "preact";
import { countdown } from "../../i18n/format.ts";
import { together as words } from "../../i18n/together.ts";
import { Icon } from "../../ui/icon.tsx";
import type { Store } from "../store.ts";
import { useServerTime } from "./deals.tsx";

interface CardProps {
  icon: Parameters<typeof Icon>[0]["name"];
  label: string;
  testid: string;
  time: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
}

export function Card({ icon, label, testid, time, onClose, children }: CardProps) {
  return (
    <section class="together-card" aria-label={label} data-testid={testid}>
      <header class="card-head">
        <Icon name={icon} /><h2>{label}</h2><span class="card-time">{time}</span>
        <button type="button" class="icon-button" aria-label={words.value.putAway({ name: label })} onClick={onClose}><Icon name="down" /></button>
      </header>
      {children}
    </section>
  );
}

/** "1:20 left" until the server says that it is over. */
export function TimeLeft({ store, until_ms }: { store: Store; until_ms: number }) {
  const left_ms = until_ms - useServerTime(store, true);
  const t = words.value;
  return <span role="timer" aria-live="off">{left_ms <= 0 ? t.ending() : t.left({ time: countdown(left_ms) })}</span>;
}
