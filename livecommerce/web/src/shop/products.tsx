/** The shop: what is for sale, searched, narrowed and sorted. What is wanted stands in the address. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { shop as words } from "../i18n/shop.ts";
import { places } from "../lists/place.ts";
import { Empty, LoadFailed, Shell } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { person, restoring } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import { findProducts, productFilters, type Card } from "./api.ts";
import { ProductCard, sentence } from "./parts.tsx";
import { ids } from "./testids.ts";
import { defaults, isNarrowed, queryOf, sorts, type Name, type Sort, type Wanted } from "./wanted.ts";

const at = places<Name>(defaults);
/** A page may be short, when little fits on the way; as many are asked for by themselves until something shows. */
const mostPagesAtOnce = 8;
const enough = 12;

export function Products() {
  const t = words.value;
  return (
    <Shell place="shop" wide>
      <div class="page-head">
        <h1>{t.title()}</h1>
        {person.value?.role === "customer" ? <a class="button button-quiet button-small" href="/wishlist" data-testid={ids.toWishlist}><Icon name="heart" />{t.wishlist()}</a> : null}
      </div>
      <Wishes />
      <Found wanted={at.place.value} />
    </Shell>
  );
}

function Wishes() {
  const t = words.value;
  const wanted = at.place.value;
  const lists = useLists(wanted.category);
  const typed = useSignal(wanted.search);
  useEffect(() => { typed.value = wanted.search; }, [wanted.search]);
  const put = (change: Partial<Wanted>) => at.go(at.to(change), true);
  const sortTexts: Record<Sort, () => string> = {
    relevance: t.sortRelevance, newest: t.sortNewest, price_up: t.sortPriceUp, price_down: t.sortPriceDown, rating: t.sortRating,
  };
  return (
    <div class="shop-wishes">
      <form class="shop-search" role="search" onSubmit={(event) => { event.preventDefault(); at.go(at.to({ search: typed.value.trim() })); }}>
        <label class="search">
          <span class="unseen">{t.search()}</span><Icon name="search" />
          <input type="search" value={typed.value} placeholder={t.searchHint()} maxLength={100} enterkeyhint="search" data-testid={ids.search}
            onInput={(event) => { typed.value = event.currentTarget.value; if (typed.value === "") put({ search: "" }); }} />
        </label>
        <button type="submit" class="button button-primary">{t.searchGo()}</button>
      </form>
      <div class="shop-filters" role="group" aria-label={t.filters()} onFocusIn={showWhole}>
        <Select label={t.category()} value={wanted.category} testid={ids.category} options={[["", t.allCategories()], ...lists.categories.map((one) => [one, one] as const)]}
          onPick={(category) => put({ category, brand: "" })} />
        <Select label={t.brand()} value={wanted.brand} testid={ids.brand} options={[["", t.allBrands()], ...withOwn(lists.brands, wanted.brand).map((one) => [one, one] as const)]}
          onPick={(brand) => put({ brand })} />
        <Amount label={t.priceFrom()} value={wanted.min} testid={ids.min} onDone={(min) => put({ min })} />
        <Amount label={t.priceTo()} value={wanted.max} testid={ids.max} onDone={(max) => put({ max })} />
        <Select label={t.sort()} value={wanted.sort} testid={ids.sort} options={sorts.map((one) => [one, sortTexts[one]()] as const)} onPick={(sort) => put({ sort })} />
        <button type="button" class="filter" aria-pressed={wanted.stock === "1"} data-testid={ids.stock} onClick={() => put({ stock: wanted.stock === "1" ? "" : "1" })}>{t.inStockOnly()}</button>
      </div>
    </div>
  );
}

/** The brand of a link that somebody sent is among the choices, even when it is rare. */
const withOwn = (brands: readonly string[], own: string): readonly string[] => (own === "" || brands.includes(own) ? brands : [own, ...brands]);

/** On a phone the filters are a strip to push; browsers leave what the keyboard comes to half outside. */
function showWhole({ target }: FocusEvent): void {
  if (target instanceof HTMLElement && target.matches(":focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function useLists(category: string) {
  const lists = useSignal<{ categories: readonly string[]; brands: readonly string[] }>({ categories: [], brands: [] });
  // Without them the list is as good: a failure is silent.
  useEffect(() => void productFilters(category).then((answer) => { if (answer.ok) lists.value = answer.ok; }), [category]);
  return lists.value;
}

interface SelectProps {
  label: string;
  value: string;
  testid: string;
  options: readonly (readonly [string, string])[];
  onPick: (value: string) => void;
}

function Select({ label, value, testid, options, onPick }: SelectProps) {
  return (
    <label class="shop-select">
      <span>{label}</span>
      <select value={value} data-testid={testid} onChange={(event) => onPick(event.currentTarget.value)}>
        {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
      </select>
    </label>
  );
}

function Amount({ label, value, testid, onDone }: { label: string; value: string; testid: string; onDone: (value: string) => void }) {
  return (
    <label class="shop-amount">
      <span>{label}</span>
      <span class="with-prefix"><span class="prefix" aria-hidden="true">₹</span>
        <input key={value} inputMode="numeric" defaultValue={value} maxLength={10} data-testid={testid}
          onChange={(event) => onDone(event.currentTarget.value.replace(/[^\d]/g, ""))} />
      </span>
    </label>
  );
}

function Found({ wanted }: { wanted: Wanted }) {
  const t = words.value;
  const list = useFound(wanted);
  const cards = list.cards.value;
  const refusal = list.refusal.value;
  const clear = <button type="button" class="button button-primary" onClick={() => at.go(at.to({ sort: wanted.sort }, true))}>{t.clearFilters()}</button>;
  return (
    <>
      {refusal ? <LoadFailed text={sentence(refusal)} onRetry={() => void list.load()} /> : null}
      {list.fuzzy.value && cards && cards.length > 0 ? <p class="callout" role="status">{t.fuzzy({ search: wanted.search })}</p> : null}
      {cards === null ? (refusal ? null : <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p>) : null}
      {cards?.length === 0 && !list.working.value ? (
        isNarrowed(wanted) ? <Empty title={t.nothingTitle()} text={t.nothingText()}>{clear}</Empty> : <Empty title={t.emptyTitle()} text={t.emptyText()} />
      ) : null}
      {cards && cards.length > 0 ? <ul class="cards shop-cards" aria-busy={list.working.value} data-stale={list.stale.value}>{cards.map((card, n) => <li key={card.id}><ProductCard card={card} eager={n < 4} /></li>)}</ul> : null}
      {cards && list.next.value !== null ? (
        <button type="button" class="button button-quiet shop-more" data-testid={ids.more} aria-disabled={list.working.value} onClick={() => void list.more()}>{list.working.value ? common.value.loading() : t.more()}</button>
      ) : null}
    </>
  );
}

/** The products that are wanted, page after page. Another wish begins anew and keeps the old ones, dimmed, until it is answered. */
function useFound(wanted: Wanted) {
  const cards = useSignal<readonly Card[] | null>(null);
  const next = useSignal<string | null>(null);
  const fuzzy = useSignal(false);
  const working = useSignal(false);
  const stale = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const turn = useRef(0);

  async function ask(after: string, before: readonly Card[]): Promise<void> {
    const mine = (turn.current += 1);
    working.value = true;
    let found = before;
    let from: string | null = after;
    for (let page = 0; page < mostPagesAtOnce && from !== null && found.length < before.length + enough; page += 1) {
      const answer = await findProducts(queryOf(wanted, from));
      if (mine !== turn.current) return;
      refusal.value = answer.refused ?? null;
      if (!answer.ok) break;
      const known = new Set(found.map((card) => card.id));
      found = [...found, ...answer.ok.products.filter((card) => !known.has(card.id))];
      from = answer.ok.next;
      cards.value = found;
      next.value = from;
      fuzzy.value = answer.ok.is_fuzzy;
    }
    working.value = false;
    stale.value = false;
  }

  const load = () => { stale.value = cards.value !== null; return ask("", []); };
  const more = async () => { if (!working.value && next.value !== null) await ask(next.value, cards.value ?? []); };
  // Whoever is signed in sees what they keep in mind: asked for once it is known who this is.
  const who = restoring.value ? "?" : person.value?.id ?? "";
  useEffect(() => { if (who !== "?") void load(); }, [JSON.stringify(wanted), who]);
  return { cards, next, fuzzy, working, stale, refusal, load, more };
}
