/** One less, how many, one more. `testid` names the number; the buttons are `-less` and `-more` of it. */
import { buy as words } from "../i18n/buy.ts";
import { Icon } from "./icon.tsx";

export function Stepper({ value, least, most, testid, onChange }: { value: number; least: number; most: number; testid: string; onChange: (value: number) => void }) {
  const t = words.value;
  return (
    <span class="stepper">
      <button type="button" aria-label={t.less()} data-testid={`${testid}-less`} disabled={value <= least} onClick={() => onChange(value - 1)}><Icon name="minus" /></button>
      <output data-testid={testid} aria-live="polite">{value}</output>
      <button type="button" aria-label={t.more()} data-testid={`${testid}-more`} disabled={value >= most} onClick={() => onChange(value + 1)}><Icon name="plus" /></button>
    </span>
  );
}
