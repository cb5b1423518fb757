/** How long something goes on. */
import type { Signal } from "@preact/signals";
import { hosting as words } from "../i18n/hosting.ts";
import { Field } from "../ui/field.tsx";

export const minuteChoices = [1, 2, 5, 10, 30];

export function Minutes({ label, testid, minutes, openEnd = false }: { label: string; testid: string; minutes: Signal<number>; openEnd?: boolean }) {
  const t = words.value;
  return (
    <Field label={label}>
      {(attributes) => (
        <select {...attributes} data-testid={testid} value={minutes.value} onChange={(event) => { minutes.value = Number(event.currentTarget.value); }}>
          {minuteChoices.map((count) => <option key={count} value={count}>{t.minutes({ count })}</option>)}
          {openEnd ? <option value={0}>{t.untilClosed()}</option> : null}
        </select>
      )}
    </Field>
  );
}
