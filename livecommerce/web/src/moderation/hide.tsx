/** Why a review is hidden: one of the usual reasons, or one's own words. Its author reads it. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { moderation as words } from "../i18n/moderation.ts";
import { useAct } from "../lists/act.ts";
import { focusFirstFault } from "../lists/faults.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import { hide, type DeskReview } from "./api.ts";
import { sentence } from "./page.tsx";
import { ids } from "./testids.ts";

const reasons = ["abuse", "private", "advert", "off_topic", "own"] as const;
type Reason = (typeof reasons)[number];

export function HideDialog({ review, onDone, onClose }: { review: DeskReview; onDone: () => void; onClose: () => void }) {
  const t = words.value;
  const reason = useSignal<Reason>("abuse");
  const own = useSignal("");
  const error = useSignal<string | undefined>(undefined);
  const act = useAct();
  const form = useRef<HTMLDivElement | null>(null);
  const texts: Record<Reason, () => string> = { abuse: t.reasonAbuse, private: t.reasonPrivate, advert: t.reasonAdvert, off_topic: t.reasonOffTopic, own: t.reasonOwn };
  const send = async () => {
    const text = reason.value === "own" ? own.value.trim() : texts[reason.value]();
    if (text === "") {
      error.value = t.errReason();
      return focusFirstFault(form.current);
    }
    if (await act.run(() => hide(review.id, text))) onDone();
  };
  return (
    <Confirm title={t.hideTitle({ name: review.author_name, product: review.product_name })} text={t.hideText()} keep={t.keep()} action={t.hide()} danger
      busy={act.working.value} testid={ids.confirm} onClose={onClose} onConfirm={() => void send()}>
      <div ref={form} class="form">
        <fieldset class="choices">
          <legend>{t.reason()}</legend>
          {reasons.map((name) => (
            <label key={name} class="choice">
              <input type="radio" name="hide-reason" checked={reason.value === name} data-testid={ids.reason(name)} onChange={() => { reason.value = name; }} />
              <span>{texts[name]()}</span>
            </label>
          ))}
        </fieldset>
        {reason.value === "own" ? (
          <Field label={t.ownReason()} hint={t.ownReasonHint()} error={error.value}>
            {(described) => <textarea {...described} rows={2} maxLength={500} dir="auto" value={own.value} data-testid={ids.text} onInput={(event) => { own.value = event.currentTarget.value; error.value = undefined; }} />}
          </Field>
        ) : null}
        {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
      </div>
    </Confirm>
  );
}
