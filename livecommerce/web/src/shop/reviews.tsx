/** What buyers say of a product, how many gave how many stars, and one's own word. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { dateTime, number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { shop as words } from "../i18n/shop.ts";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import { written } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { removeReview, reviewsOf, writeReview, type Product, type Review } from "./api.ts";
import { sentence, Stars } from "./parts.tsx";
import { ids } from "./testids.ts";

export function Reviews({ product, onKnown }: { product: Product; onKnown: () => void }) {
  const t = words.value;
  const list = useSignal<readonly Review[]>([]);
  const next = useSignal<string | null>("");
  const mine = useSignal<Review | null>(product.my_review);
  const load = async () => {
    const answer = await reviewsOf(product.id, next.value ?? "");
    onKnown();
    if (!answer.ok) return;
    list.value = [...list.value, ...answer.ok.reviews];
    next.value = answer.ok.next;
  };
  useEffect(() => void load(), [product.id]);
  const others = list.value.filter((one) => one.id !== mine.value?.id);
  return (
    <section class="reviews" aria-labelledby="reviews" id="reviews-of-buyers">
      <h2 id="reviews">{t.reviews()}</h2>
      <Ratings product={product} />
      {product.can_review || mine.value ? <Mine product={product} mine={mine} /> : null}
      {others.length === 0 && !mine.value ? <p class="empty">{t.noReviews()}</p> : null}
      <ul class="review-list">{others.map((one) => <li key={one.id}><One review={one} /></li>)}</ul>
      {next.value ? <button type="button" class="button button-quiet" onClick={() => void load()}>{t.moreReviews()}</button> : null}
    </section>
  );
}

function Ratings({ product }: { product: Product }) {
  const t = words.value;
  const counts = [5, 4, 3, 2, 1].map((stars) => [stars, product.ratings[String(stars)] ?? 0] as const);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return null;
  return (
    <div class="ratings">
      <Stars rating={product.average_rating} count={product.total_reviews} />
      <ul>
        {counts.map(([stars, count]) => (
          <li key={stars}>
            <span>{t.starsOf({ stars })}</span>
            <meter min={0} max={all} value={count} aria-hidden="true" />
            <span>{number(language.value, count)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function One({ review }: { review: Review }) {
  const t = words.value;
  return (
    <article class="panel review" data-testid={ids.review} data-status={review.status}>
      <header>
        <Stars rating={review.rating} count={1} />
        <span class="quiet">{review.author_name} · {dateTime(language.value, review.created_at_ms)}</span>
      </header>
      {review.title ? <strong lang={written(review.title, language.value).lang}>{review.title}</strong> : null}
      {review.body ? <p class="product-text" lang={written(review.body, language.value).lang}>{review.body}</p> : null}
      {review.is_verified_purchase ? <span class="tag" data-tone="good">{t.verified()}</span> : null}
      {review.status === "hidden" ? <p class="callout callout-bad">{t.hiddenReview({ reason: review.hidden_reason ?? "" })}</p> : null}
      {review.reply ? <div class="review-reply"><strong>{t.replyOfSeller()}</strong><p class="product-text" lang={written(review.reply, language.value).lang}>{review.reply}</p></div> : null}
    </article>
  );
}

function Mine({ product, mine }: { product: Product; mine: Signal<Review | null> }) {
  const t = words.value;
  const writing = useSignal(false);
  async function remove(): Promise<void> {
    const before = mine.value;
    if (!before) return;
    const answer = await removeReview(before.id);
    if (answer.refused) return toast(sentence(answer.refused));
    mine.value = null;
    toast(t.reviewRemoved());
  }
  if (writing.value || mine.value === null) return <Form product={product} mine={mine} onDone={() => { writing.value = false; }} />;
  return (
    <div class="review-mine">
      <h3>{t.yourReview()}</h3>
      <One review={mine.value} />
      <div class="actions">
        <button type="button" class="button button-quiet button-small" onClick={() => { writing.value = true; }}>{t.editReview()}</button>
        <button type="button" class="button button-quiet button-small" onClick={() => void remove()}>{t.removeReview()}</button>
      </div>
    </div>
  );
}

function Form({ product, mine, onDone }: { product: Product; mine: Signal<Review | null>; onDone: () => void }) {
  const t = words.value;
  const rating = useSignal(mine.value?.rating ?? 0);
  const title = useSignal(mine.value?.title ?? "");
  const body = useSignal(mine.value?.body ?? "");
  const working = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const asked = useSignal(false);
  async function send(): Promise<void> {
    asked.value = true;
    if (rating.value === 0) return;
    working.value = true;
    const answer = await writeReview({ product_id: product.id, rating: rating.value, title: title.value.trim(), body: body.value.trim() });
    working.value = false;
    refusal.value = answer.refused ?? null;
    if (!answer.ok) return;
    mine.value = answer.ok.review;
    toast(t.reviewThanks());
    onDone();
  }
  return (
    <form class="panel form" noValidate onSubmit={(event) => { event.preventDefault(); if (!working.value) void send(); }}>
      <h3>{t.writeReview()}</h3>
      <fieldset class="rate" aria-describedby={asked.value && rating.value === 0 ? "rate-error" : undefined}>
        <legend>{t.yourRating()}</legend>
        {[1, 2, 3, 4, 5].map((stars) => (
          <label key={stars} data-on={stars <= rating.value}>
            <input type="radio" name="rating" checked={rating.value === stars} data-testid={ids.rate(stars)} onChange={() => { rating.value = stars; }} />
            <span aria-hidden="true">★</span><span class="unseen">{t.starsOf({ stars })}</span>
          </label>
        ))}
      </fieldset>
      {asked.value && rating.value === 0 ? <p id="rate-error" class="field-error" role="alert">{t.errRating()}</p> : null}
      <Field label={t.reviewTitle()} optional={t.optional()}>
        {(described) => <input {...described} value={title.value} maxLength={200} dir="auto" data-testid={ids.reviewTitle} onInput={(event) => { title.value = event.currentTarget.value; }} />}
      </Field>
      <Field label={t.reviewBody()} optional={t.optional()}>
        {(described) => <textarea {...described} rows={4} value={body.value} maxLength={5000} dir="auto" data-testid={ids.reviewBody} onInput={(event) => { body.value = event.currentTarget.value; }} />}
      </Field>
      {refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(refusal.value)}</p> : null}
      <button type="submit" class="button button-primary" data-testid={ids.reviewSend} aria-disabled={working.value}>{t.sendReview()}</button>
    </form>
  );
}
