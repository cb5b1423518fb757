import { dateTime } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { Icon } from "../ui/icon.tsx";
import type { OrderDetail } from "./api.ts";
import { ids } from "./testids.ts";
import { steps } from "./timeline.ts";
import { stepText } from "./words.ts";

export function Steps({ order }: { order: OrderDetail }) {
  const t = words.value;
  return (
    <ol class="steps" aria-label={t.steps()}>
      {steps(order).map(({ name, at_ms, state }) => (
        <li key={name} data-state={state} data-testid={ids.step(name)} aria-current={state === "now" ? "step" : undefined}>
          <span class="step-mark" aria-hidden="true">{state === "done" ? <Icon name="check" /> : state === "stopped" ? <Icon name="close" /> : null}</span>
          <span class="step-text"><b>{stepText(t, name)}</b>{at_ms === null ? null : <time dateTime={new Date(at_ms).toISOString()}>{dateTime(language.value, at_ms)}</time>}</span>
        </li>
      ))}
    </ol>
  );
}
