/** Rating a product that was delivered: stars are enough, words may follow. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { orders as words } from "../i18n/orders.ts";
import { useAct } from "../lists/act.ts";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { writeReview } from "./api.ts";
import { sentence } from "./refused.ts";

const longestTitle = 200;
const longestBody = 5000;
const marks = [1, 2, 3, 4, 5] as const;

interface RateProps {
  product_id: string;
  name: string;
  onClose: () => void;
  onRated: (product_id: string) => void;
}

export function RateForm({ product_id, name, onClose, onRated }: RateProps) {
  const t = words.value;
  const rating = useSignal(0);
  const title = useSignal("");
  const body = useSignal("");
  const missing = useSignal(false);
  const act = useAct();
  const stars = useRef<HTMLFieldSetElement | null>(null);
  useEffect(() => stars.current?.querySelector("input")?.focus(), []);

  async function send(): Promise<void> {
    missing.value = rating.value === 0;
    if (missing.value) return stars.current?.querySelector("input")?.focus();
    const written = await act.run(() => writeReview(product_id, rating.value, title.value.trim(), body.value.trim()));
    if (written === null) return;
    toast(t.rated());
    onRated(product_id);
    onClose();
  }

  const called = { 1: t.star1, 2: t.star2, 3: t.star3, 4: t.star4, 5: t.star5 };
  return (
    <form class="form rate-form" noValidate data-testid="rate-form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <fieldset ref={stars} class="stars" aria-describedby={missing.value ? `stars-${product_id}` : undefined}>
        <legend>{t.rateName({ name })}</legend>
        <div>
          {marks.map((count) => (
            <label key={count} data-lit={count <= rating.value}>
              <input type="radio" name={`stars-${product_id}`} value={count} checked={rating.value === count} data-testid={`star-${count}`} onChange={() => { rating.value = count; missing.value = false; }} />
              <Icon name="star" filled={count <= rating.value} />
              <span class="unseen">{t.star({ count })}, {called[count]()}</span>
            </label>
          ))}
          <output>{rating.value > 0 ? called[rating.value as 1]() : ""}</output>
        </div>
        {missing.value ? <p id={`stars-${product_id}`} class="field-error" role="alert">{t.rateError()}</p> : null}
      </fieldset>
      <Field label={t.rateHeadline()} optional={t.optional()}>
        {(described) => <input {...described} dir="auto" maxLength={longestTitle} value={title.value} onInput={(event) => { title.value = event.currentTarget.value; }} />}
      </Field>
      <Field label={t.rateBody()} optional={t.optional()}>
        {(described) => <textarea {...described} rows={3} dir="auto" maxLength={longestBody} value={body.value} data-testid="rate-body" onInput={(event) => { body.value = event.currentTarget.value; }} />}
      </Field>
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
      <div class="actions">
        <button type="submit" class="button button-primary" data-testid="rate-send" aria-disabled={act.working.value}>{act.working.value ? t.working() : t.rateSend()}</button>
        <button type="button" class="button button-quiet" onClick={onClose}>{t.rateLater()}</button>
      </div>
    </form>
  );
}
