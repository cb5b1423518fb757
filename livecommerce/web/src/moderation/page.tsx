/** The desk of reviews: all of them, newest first; what breaks the rules is hidden, with a reason that its author reads. */
import { useSignal } from "@preact/signals";
import { dateTime } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { moderation as words } from "../i18n/moderation.ts";
import { refusalText } from "../i18n/refusal.ts";
import { shop as shopWords } from "../i18n/shop.ts";
import { AdminNav } from "../lists/admin-nav.tsx";
import { Door } from "../lists/door.tsx";
import { ListView, Pager, useListed, type Listed } from "../lists/listed.tsx";
import { Filters } from "../lists/tabs.tsx";
import { Empty } from "../site/shell.tsx";
import { toast } from "../ui/toast.tsx";
import { written } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { deskReviews, show, shelves, type DeskReview, type DeskReviews, type Shelf } from "./api.ts";
import { HideDialog } from "./hide.tsx";
import { here } from "./place.ts";
import { ids } from "./testids.ts";

export function Moderation() {
  return <Door place="admin" role="admin" title={words.value.title()}><AdminNav here="reviews" /><Here /></Door>;
}

function Here() {
  const t = words.value;
  const { after } = here.place.value;
  const shelf = shelves.find((one) => one === here.place.value.status) ?? "all";
  const listed = useListed(`${shelf} ${after}`, () => deskReviews(shelf, after));
  const labels: Record<Shelf, () => string> = { all: t.all, published: t.published, hidden: t.hidden };
  const next = listed.page?.next;
  return (
    <>
      <div class="page-head"><h1>{t.title()}</h1></div>
      <Filters label={t.filters()} here={shelf} choices={shelves.map((key) => ({ key, label: labels[key](), way: here.follow(here.to({ status: key, after: "" })) }))} />
      <p class="quiet">{t.hint()}</p>
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.reviews.length === 0 ? <Empty title={shelf === "hidden" ? t.noneHidden() : t.none()} text={shelf === "hidden" ? undefined : t.noneText()} /> : (
          <ul class="review-list">{page.reviews.map((review) => <li key={review.id}><Card review={review} listed={listed} /></li>)}</ul>
        )}
      </ListView>
      <Pager older={next ? here.follow(here.to({ after: next })) : null} first={after === "" ? null : here.follow(here.to({ after: "" }))} />
    </>
  );
}

export function sentence(refusal: Refusal): string {
  return refusal.code === "review.not_found" ? words.value.gone() : refusalText(refusal);
}

/** A review by its author may change or go while it is looked at, so each act loads the list anew. */
function Card({ review, listed }: { review: DeskReview; listed: Listed<DeskReviews> }) {
  const t = words.value;
  const hiding = useSignal(false);
  const working = useSignal(false);
  const isHidden = review.status === "hidden";
  async function showAgain(): Promise<void> {
    working.value = true;
    const answer = await show(review.id);
    working.value = false;
    toast(answer.refused ? sentence(answer.refused) : t.isShown());
    await listed.load();
  }
  const hidden = () => {
    hiding.value = false;
    // A mistake is taken back where it was made.
    toast(t.isHidden(), { label: t.undo(), run: () => void showAgain() });
    void listed.load();
  };
  return (
    <article class="panel review" data-testid={ids.review(review.id)} data-status={review.status}>
      <header>
        <a class="row-link" dir="auto" href={`/products/${review.product_id}`}>{review.product_name}</a>
        {isHidden ? <span class="tag" data-tone="bad">{t.hidden()}</span> : null}
      </header>
      <p class="review-by quiet"><Given rating={review.rating} /><span>{review.author_name} · {dateTime(language.value, review.created_at_ms)}{review.is_verified_purchase ? ` · ${t.bought()}` : ""}</span></p>
      {review.title ? <strong lang={written(review.title, language.value).lang}>{review.title}</strong> : null}
      {review.body ? <p class="product-text" lang={written(review.body, language.value).lang}>{review.body}</p> : null}
      {review.title || review.body ? null : <p class="quiet">{t.onlyStars()}</p>}
      {review.reply ? <div class="review-reply"><strong>{t.replyOfSeller()}</strong><p class="product-text" lang={written(review.reply, language.value).lang}>{review.reply}</p></div> : null}
      {isHidden ? <p class="callout callout-bad" dir="auto">{t.hiddenBecause({ reason: review.hidden_reason ?? "" })}</p> : null}
      {isHidden ? (
        <button type="button" class="button button-quiet button-small" data-testid={ids.show} aria-label={t.showOf({ name: review.author_name })} aria-disabled={working.value}
          onClick={() => { if (!working.value) void showAgain(); }}>{t.show()}</button>
      ) : (
        <button type="button" class="button button-quiet button-small" data-testid={ids.hide} aria-label={t.hideOf({ name: review.author_name })}
          onClick={() => { hiding.value = true; }}>{t.hide()}…</button>
      )}
      {hiding.value ? <HideDialog review={review} onDone={hidden} onClose={() => { hiding.value = false; }} /> : null}
    </article>
  );
}

function Given({ rating }: { rating: number }) {
  return <span class="stars"><span class="stars-drawn" aria-hidden="true" data-stars={rating * 2}>★★★★★</span><span class="unseen">{shopWords.value.ratingOf({ rating: String(rating) })}</span></span>;
}
