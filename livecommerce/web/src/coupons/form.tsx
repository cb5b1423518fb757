/** A new coupon. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { zoneName } from "../i18n/format.ts";
import { coupons as words } from "../i18n/coupons.ts";
import { language } from "../i18n/language.ts";
import { focusFirstFault } from "../lists/faults.ts";
import { Attempts } from "../support/attempt.ts";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { restAs } from "../wire/identity.ts";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { makeCoupon, type Coupon, type CouponKind, type Funder, type Maker } from "./api.ts";
import { couponOf, emptyDraft, faultsGiven, faultsOf, type Draft, type Faults } from "./draft.ts";
import { ids } from "./testids.ts";
import { faultText, funderText, sentence } from "./words.ts";

interface CouponFormProps {
  maker: Maker;
  onClose: () => void;
  onMade: (coupon: Coupon) => void;
}

export function CouponForm({ maker, onClose, onMade }: CouponFormProps) {
  const t = words.value;
  const draft = useSignal<Draft>(emptyDraft);
  const faults = useSignal<Faults>({});
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const form = useRef<HTMLFormElement | null>(null);

  function refuse(found: Faults): boolean {
    faults.value = found;
    if (Object.keys(found).length === 0) return false;
    focusFirstFault(form.current);
    return true;
  }

  async function submit(): Promise<void> {
    refusal.value = null;
    if (refuse(faultsOf(draft.value, maker))) return;
    working.value = true;
    const coupon = couponOf(draft.value, maker);
    const answer = await makeCoupon(attempts.current.idOf(coupon), coupon);
    working.value = false;
    if (answer.ok) {
      toast(t.isMade({ code: answer.ok.coupon.code }));
      return onMade(answer.ok.coupon);
    }
    refuse(answer.refused.code === "coupon.code_taken" ? { code: "code" } : faultsGiven(answer.refused.details));
    refusal.value = answer.refused;
  }

  return (
    <div class="help-narrow">
      <button type="button" class="back-link" onClick={onClose}><Icon name="back" />{t.backToList()}</button>
      <h2>{t.create()}</h2>
      <form ref={form} class="panel form" noValidate data-testid={ids.form} onSubmit={(event) => { event.preventDefault(); if (!working.value) void submit(); }}>
        <Text draft={draft} faults={faults} name="code" label={t.code()} hint={t.codeHint()} capitals />
        <Text draft={draft} faults={faults} name="title" label={t.titleLabel()} hint={t.titleHint()} />
        <Value draft={draft} faults={faults} />
        <Text draft={draft} faults={faults} name="min_spend" label={t.minSpend()} optional rupees />
        <Text draft={draft} faults={faults} name="quota" label={t.quota()} hint={t.quotaHint()} optional digits />
        <Scope draft={draft} faults={faults} maker={maker} />
        <Times draft={draft} faults={faults} />
        {refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(refusal.value)}</p> : null}
        <p class="quiet">{maker === "admin" ? t.oncePerCustomer() : `${t.oncePerCustomer()} ${t.youPay()}`}</p>
        <div class="actions">
          <button type="submit" class="button button-primary" data-testid={ids.save} aria-disabled={working.value}>{t.save()}</button>
          <button type="button" class="button button-quiet" onClick={onClose}>{t.keep()}</button>
        </div>
      </form>
    </div>
  );
}

interface PartProps {
  draft: Signal<Draft>;
  faults: Signal<Faults>;
}

function change({ draft, faults }: PartProps, part: Partial<Draft>): void {
  draft.value = { ...draft.value, ...part };
  const gone = Object.fromEntries(Object.keys(part).map((name) => [name, undefined]));
  faults.value = { ...faults.value, ...gone } as Faults;
}

type TextName = "code" | "title" | "percent" | "amount" | "most" | "min_spend" | "quota";
interface TextProps extends PartProps {
  name: TextName;
  label: string;
  hint?: string;
  optional?: boolean;
  capitals?: boolean;
  rupees?: boolean;
  digits?: boolean;
}

function Text({ name, label, hint, optional, capitals, rupees, digits, ...part }: TextProps) {
  const t = words.value;
  return (
    <Field label={label} hint={hint} error={faultText(part.faults.value[name])} {...(optional ? { optional: t.optional() } : {})}>
      {(described) => {
        const input = (
          <input {...described} value={part.draft.value[name]} maxLength={200} autocomplete="off" spellcheck={name === "title"} dir={name === "title" ? "auto" : undefined}
            autocapitalize={capitals ? "characters" : "sentences"} inputMode={rupees || name === "percent" ? "decimal" : digits ? "numeric" : "text"} data-testid={ids.field(name)}
            onInput={(event) => change(part, { [name]: event.currentTarget.value })} />
        );
        return rupees ? <span class="with-prefix with-rupee"><span aria-hidden="true">₹</span>{input}</span> : input;
      }}
    </Field>
  );
}

function Value(part: PartProps) {
  const t = words.value;
  const kinds: [CouponKind, string][] = [["percent", t.kindPercent()], ["fixed", t.kindFixed()]];
  return (
    <fieldset class="choices">
      <legend>{t.value()}</legend>
      <div class="segments">
        {kinds.map(([kind, label]) => (
          <button key={kind} type="button" aria-pressed={part.draft.value.kind === kind} data-testid={ids.field(`kind-${kind}`)} onClick={() => change(part, { kind })}>{label}</button>
        ))}
      </div>
      {part.draft.value.kind === "percent" ? (
        <div class="two-fields">
          <Text {...part} name="percent" label={t.percent()} hint={t.percentHint()} />
          <Text {...part} name="most" label={t.most()} hint={t.mostHint()} rupees />
        </div>
      ) : <Text {...part} name="amount" label={t.amount()} rupees />}
    </fieldset>
  );
}

interface Session {
  id: string;
  title: string;
  status: string;
}

/** Influencers choose one of their live sessions; admins and wholesalers give for all. */
function Scope({ maker, ...part }: PartProps & { maker: Maker }) {
  const t = words.value;
  const sessions = useSignal<readonly Session[]>([]);
  useEffect(() => {
    if (maker !== "influencer") return;
    void restAs<{ live_sessions: Session[] }>("/studio/live-sessions").then(({ ok }) => {
      sessions.value = (ok?.live_sessions ?? []).filter(({ status }) => status === "scheduled" || status === "live" || status === "paused");
    });
  }, []);
  return (
    <>
      {maker === "influencer" ? (
        <Field label={t.session()} hint={sessions.value.length === 0 ? t.noSession() : undefined} error={faultText(part.faults.value.live_session_id)}>
          {(described) => (
            <select {...described} value={part.draft.value.live_session_id} data-testid={ids.field("session")} onChange={(event) => change(part, { live_session_id: event.currentTarget.value })}>
              <option value="">{t.choose()}</option>
              {sessions.value.map((one) => <option key={one.id} value={one.id}>{one.title}</option>)}
            </select>
          )}
        </Field>
      ) : null}
      {maker === "admin" ? (
        <Field label={t.fundedBy()} hint={t.fundedByHint()}>
          {(described) => (
            <select {...described} value={part.draft.value.funded_by} data-testid={ids.field("funder")} onChange={(event) => change(part, { funded_by: event.currentTarget.value as Funder })}>
              {(["platform", "wholesaler", "influencer"] as const).map((funder) => <option key={funder} value={funder}>{funderText(funder)}</option>)}
            </select>
          )}
        </Field>
      ) : null}
      <label class="switch">
        <span><b>{t.liveOnly()}</b><small>{t.liveOnlyHint()}</small></span>
        <input type="checkbox" role="switch" checked={part.draft.value.is_live_only} data-testid={ids.field("live")} onChange={(event) => change(part, { is_live_only: event.currentTarget.checked })} />
      </label>
    </>
  );
}

function Times(part: PartProps) {
  const t = words.value;
  const field = (name: "starts" | "ends", label: string) => (
    <Field label={label} optional={t.optional()} error={faultText(part.faults.value[name])}>
      {(described) => (
        <input {...described} type="datetime-local" value={part.draft.value[name]} data-testid={ids.field(name)} onInput={(event) => change(part, { [name]: event.currentTarget.value })} />
      )}
    </Field>
  );
  return (
    <div class="with-hint">
      <div class="two-fields">{field("starts", t.starts())}{field("ends", t.ends())}</div>
      <p class="field-hint">{t.timesHint({ zone: zoneName(language.value) })}</p>
    </div>
  );
}
