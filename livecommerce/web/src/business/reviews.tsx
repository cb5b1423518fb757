/** What buyers say of one's product, with a reply to each. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { business as words } from "../i18n/business.ts";
import { Field } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import { One } from "../shop/reviews.tsx";
import type { Review } from "../shop/api.ts";
import { reply, reviews } from "./api.ts";
import { sentence } from "./words.ts";

export function OwnReviews({ id }: { id: string }) {
  const t = words.value;
  const list = useSignal<readonly Review[]>([]);
  const load = async () => {
    const answer = await reviews(id);
    if (answer.ok) list.value = answer.ok.reviews;
  };
  useEffect(() => void load(), [id]);
  return (
    <section class="reviews" aria-labelledby="own-reviews">
      <h2 id="own-reviews">{t.reviewsTitle()}</h2>
      <ul class="review-list">{list.value.map((review) => <li key={review.id}><One review={review} /><Answer review={review} onDone={() => void load()} /></li>)}</ul>
    </section>
  );
}

function Answer({ review, onDone }: { review: Review; onDone: () => void }) {
  const t = words.value;
  const text = useSignal(review.reply ?? "");
  const writing = useSignal(false);
  async function send(body: string | null): Promise<void> {
    const answer = await reply(review.id, body);
    if (answer.refused) return toast(sentence(answer.refused));
    writing.value = false;
    toast(t.replied());
    onDone();
  }
  if (!writing.value) return <button type="button" class="button button-quiet button-small" onClick={() => { writing.value = true; }}>{review.reply ? t.editReply() : t.reply()}</button>;
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); void send(text.value.trim() || null); }}>
      <Field label={t.replyLabel()} hint={t.replyHint()}>
        {(described) => <textarea {...described} rows={3} value={text.value} maxLength={2000} dir="auto" onInput={(event) => { text.value = event.currentTarget.value; }} />}
      </Field>
      <div class="actions"><button type="submit" class="button button-primary">{t.sendReply()}</button><button type="button" class="button button-quiet" onClick={() => { writing.value = false; }}>{t.cancel()}</button></div>
    </form>
  );
}
