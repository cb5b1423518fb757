/** Who may write, how often, and what: each choice holds at once, and can be taken back. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { hosting as words } from "../i18n/hosting.ts";
import type { Store } from "../live/store.ts";
import { toast } from "../ui/toast.tsx";
import type { ChatSettings } from "../wire/contract.gen.ts";
import { hostingRefusal, spell } from "./acts.ts";
import { hostingIds as ids } from "./testids.ts";

const slow_s = [0, 3, 5, 10, 15, 30, 60, 120, 300];

type Choices = readonly (readonly [string, string])[];

function audiences(): readonly (readonly [ChatSettings["audience"], string])[] {
  const t = words.value;
  return [["everyone", t.audienceEveryone()], ["followers", t.audienceFollowers()], ["buyers", t.audienceBuyers()]];
}

function linkRules(): readonly (readonly [ChatSettings["links"], string])[] {
  const t = words.value;
  return [["allow", t.linksAllow()], ["moderators", t.linksModerators()], ["none", t.linksNone()]];
}

function filters(): readonly (readonly [ChatSettings["filter"], string])[] {
  const t = words.value;
  return [["hold", t.filterHold()], ["refuse", t.filterRefuse()], ["off", t.filterOff()]];
}

const pause = (seconds: number): string => (seconds === 0 ? words.value.slowOff() : seconds < 60 ? words.value.seconds({ count: seconds }) : spell(seconds));

/** One rule and what it is now, in words, e.g. "Links: Only moderators". */
export function ruleText(rule: string, value: unknown): string {
  const t = words.value;
  const named = (choices: Choices) => choices.find(([key]) => key === value)?.[1] ?? String(value);
  switch (rule) {
    case "is_enabled": return `${t.ruleEnabled()}: ${value === true ? t.yes() : t.no()}`;
    case "audience": return `${t.ruleAudience()}: ${named(audiences())}`;
    case "slow_mode_s": return `${t.slowMode()}: ${pause(Number(value))}`;
    case "links": return `${t.ruleLinks()}: ${named(linkRules())}`;
    case "filter": return `${t.ruleFilter()}: ${named(filters())}`;
    default: return rule;
  }
}

export function Rules({ store }: { store: Store }) {
  const t = words.value;
  const { settings } = store.state.value;
  const busy = useSignal(false);
  const configure = async (change: Partial<ChatSettings>, undoable = true) => {
    if (busy.value) return;
    busy.value = true;
    const before = Object.fromEntries(Object.keys(change).map((key) => [key, settings[key as keyof ChatSettings]])) as Partial<ChatSettings>;
    const answer = await store.connection.call("chat.configure", { live_session_id: store.id, ...change });
    busy.value = false;
    if (answer.refused) toast(hostingRefusal(answer.refused));
    else if (undoable) toast(t.rulesChanged(), { label: t.undo(), run: () => void configure(before, false) });
  };
  const slow = slow_s.includes(settings.slow_mode_s) ? slow_s : [...slow_s, settings.slow_mode_s].sort((a, b) => a - b);
  return (
    <div class="form rules" aria-busy={busy.value}>
      <label class="switch">
        <span><b>{t.ruleEnabled()}</b><small>{t.ruleEnabledHint()}</small></span>
        <input type="checkbox" role="switch" data-testid={ids.rule("enabled")} checked={settings.is_enabled} onChange={(event) => void configure({ is_enabled: event.currentTarget.checked })} />
      </label>
      <Choice label={t.ruleAudience()} testid={ids.rule("audience")} value={settings.audience} onChoose={(audience) => void configure({ audience })}
        choices={audiences()} />
      <Choice label={t.ruleSlow()} testid={ids.rule("slow")} value={String(settings.slow_mode_s)} onChoose={(value) => void configure({ slow_mode_s: Number(value) })}
        choices={slow.map((seconds) => [String(seconds), pause(seconds)])} />
      <Choice label={t.ruleLinks()} testid={ids.rule("links")} value={settings.links} onChoose={(links) => void configure({ links })}
        choices={linkRules()} />
      <Choice label={t.ruleFilter()} hint={t.ruleFilterHint()} testid={ids.rule("filter")} value={settings.filter} onChoose={(filter) => void configure({ filter })}
        choices={filters()} />
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  hint?: string;
  testid: string;
  value: Value;
  choices: readonly (readonly [Value, string])[];
  onChoose: (value: Value) => void;
}

function Choice<Value extends string>({ label, hint, testid, value, choices, onChoose }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} data-testid={testid} value={value} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChoose(event.currentTarget.value as Value)}>
        {choices.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
      </select>
      {hint ? <p id={`${id}-hint`} class="field-hint">{hint}</p> : null}
    </div>
  );
}
