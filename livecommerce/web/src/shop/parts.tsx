/** What lists and the page of a product share: prices, stars, the heart, cards. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { money, number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { refusalText } from "../i18n/refusal.ts";
import { shop as words } from "../i18n/shop.ts";
import { Picture } from "../ui/picture.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { person } from "../wire/identity.ts";
import { productText } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { setWish, type Card } from "./api.ts";
import { ids } from "./testids.ts";

export function sentence(refusal: Refusal): string {
  const t = words.value;
  const own: Record<string, (() => string) | undefined> = {
    "product.not_found": t.gone, "wishlist.full": t.wishlistFull, "review.not_bought": t.reviewNotBought,
  };
  return own[refusal.code]?.() ?? refusalText(refusal);
}

export const percentOff = (price_minor: number, compare_at_minor: number | null): number =>
  compare_at_minor && compare_at_minor > price_minor ? Math.floor((100 * (compare_at_minor - price_minor)) / compare_at_minor) : 0;

export function Price({ price_minor, compare_at_minor }: { price_minor: number; compare_at_minor: number | null }) {
  const t = words.value;
  const off = percentOff(price_minor, compare_at_minor);
  return (
    <span class="price">
      <strong>{money(language.value, price_minor)}</strong>
      {off > 0 ? <s><span class="unseen">{t.mrp()} </span>{money(language.value, compare_at_minor!)}</s> : null}
      {off > 0 ? <span class="price-off">{t.off({ percent: off })}</span> : null}
    </span>
  );
}

/** Five stars, filled to the rating; the number is said in words. */
export function Stars({ rating, count }: { rating: number; count: number }) {
  const t = words.value;
  if (count === 0) return null;
  const text = number(language.value, Math.round(rating * 10) / 10);
  return (
    <span class="stars">
      <span class="stars-drawn" aria-hidden="true" data-stars={Math.round(rating * 2)}>★★★★★</span>
      <span class="unseen">{t.ratingOf({ rating: text })}</span>
      <span class="quiet" aria-hidden="true">{text}</span>
      <span class="quiet">{t.reviewCount({ count })}</span>
    </span>
  );
}

const isFew = (stock: number): boolean => stock > 0 && stock <= 10;

export function Stock({ stock }: { stock: number }) {
  const t = words.value;
  const level = stock <= 0 ? "none" : isFew(stock) ? "few" : "plenty";
  return <span class="stock" data-level={level}>{level === "none" ? t.soldOut() : level === "few" ? t.onlyLeft({ count: stock }) : t.inStock()}</span>;
}

/** Keeps a product in mind. Changes at once, and back when the server refuses; who is nobody is asked to log in. */
export function Heart({ card, name }: { card: Pick<Card, "id" | "is_wished">; name: string }) {
  const t = words.value;
  const wished = useSignal(card.is_wished);
  const working = useSignal(false);
  async function press(): Promise<void> {
    if (person.value === null) {
      toast(t.wishLogIn(), { label: t.logIn(), run: () => location.assign(`/log-in?next=${encodeURIComponent(location.pathname + location.search)}`) });
      return;
    }
    working.value = true;
    wished.value = !wished.value;
    const answer = await setWish(card.id, wished.value);
    working.value = false;
    if (answer.refused) {
      wished.value = !wished.value;
      toast(sentence(answer.refused));
    } else if (wished.value) toast(t.wished(), { label: t.seeWishlist(), run: () => location.assign("/wishlist") });
  }
  if (person.value !== null && person.value.role !== "customer") return null;
  return (
    <button type="button" class="icon-button heart" data-testid={ids.wish} aria-pressed={wished.value} aria-label={t.wish({ name })}
      onClick={() => { if (!working.value) void press(); }}><Icon name="heart" filled={wished.value} /></button>
  );
}

/** `children` stand in the place of the heart, below what leads to the product. */
export function ProductCard({ card, eager = false, children }: { card: Card; eager?: boolean; children?: ComponentChildren }) {
  const { name } = productText(card, language.value);
  const t = words.value;
  return (
    <article class="shop-card">
      <a class="card" href={`/products/${card.id}`} data-testid={ids.card(card.id)}>
        <span class="card-picture" data-out={!card.in_stock}>
          <Picture url={card.image_url} name={name.text} size={320} eager={eager} />
          {card.in_stock ? null : <span class="shop-out">{t.soldOut()}</span>}
        </span>
        <span class="card-text">
          <strong lang={name.lang}>{name.text}</strong>
          {card.brand ? <span class="quiet">{card.brand}</span> : null}
          <Price price_minor={card.price_minor} compare_at_minor={card.compare_at_minor} />
          <Stars rating={card.average_rating} count={card.total_reviews} />
          {card.in_stock && isFew(card.stock) ? <Stock stock={card.stock} /> : null}
        </span>
      </a>
      {children ?? <Heart key={`${card.id}-${card.is_wished}`} card={card} name={name.text} />}
    </article>
  );
}
