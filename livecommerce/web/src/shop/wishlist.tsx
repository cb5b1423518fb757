/** What a customer keeps in mind: each product as it can be had now, into the bag in one tap where nothing has to be chosen. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addToCart } from "../cart/store.ts";
import { common } from "../i18n/common.ts";
import { language } from "../i18n/language.ts";
import { shop as words } from "../i18n/shop.ts";
import { Empty, LoadFailed, Shell } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { person, restoring } from "../wire/identity.ts";
import { productText } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { setWish, wishlistFrom, type Wish } from "./api.ts";
import { ProductCard, sentence } from "./parts.tsx";
import { ids } from "./testids.ts";

export function WishlistPage() {
  const t = words.value;
  const who = person.value;
  return (
    <Shell place="wishlist" wide>
      <h1>{t.wishlist()}</h1>
      {restoring.value ? <Loading /> : who === null ? (
        <Empty title={t.wishlistLogInTitle()} text={t.wishlistLogInText()}><a class="button button-primary" href="/log-in?next=%2Fwishlist">{t.logIn()}</a></Empty>
      ) : who.role !== "customer" ? (
        <Empty title={t.wishlistCustomers()}><a class="button button-primary" href="/products">{t.toShop()}</a></Empty>
      ) : <Wishes key={who.id} />}
    </Shell>
  );
}

const Loading = () => <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p>;

function Wishes() {
  const t = words.value;
  const wishes = useSignal<readonly Wish[] | null>(null);
  const next = useSignal<string | null>("");
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  async function more(): Promise<void> {
    if (working.value || next.value === null) return;
    working.value = true;
    const answer = await wishlistFrom(next.value);
    working.value = false;
    refusal.value = answer.refused ?? null;
    if (!answer.ok) return;
    const known = new Set(wishes.value?.map((wish) => wish.id));
    wishes.value = [...(wishes.value ?? []), ...answer.ok.items.filter((wish) => !known.has(wish.id))];
    next.value = answer.ok.next;
  }
  useEffect(() => void more(), []);
  const found = wishes.value;
  return (
    <>
      {refusal.value ? <LoadFailed text={sentence(refusal.value)} onRetry={() => void more()} /> : null}
      {found === null && refusal.value === null ? <Loading /> : null}
      {found?.length === 0 ? <Empty title={t.wishlistEmptyTitle()} text={t.wishlistEmptyText()}><a class="button button-primary" href="/products">{t.toShop()}</a></Empty> : null}
      {found && found.length > 0 ? <ul class="cards shop-cards">{found.map((wish) => <li key={wish.id}><Wished wish={wish} wishes={wishes} /></li>)}</ul> : null}
      {found && next.value !== null ? (
        <button type="button" class="button button-quiet shop-more" data-testid={ids.wishlistMore} aria-disabled={working.value} onClick={() => void more()}>{working.value ? common.value.loading() : t.more()}</button>
      ) : null}
    </>
  );
}

function Wished({ wish, wishes }: { wish: Wish; wishes: Signal<readonly Wish[] | null> }) {
  const t = words.value;
  const { product } = wish;
  const name = productText(product, language.value).name.text;
  return (
    <div class="wished" data-testid={ids.wished(product.id)}>
      <ProductCard card={product}>
        <button type="button" class="icon-button heart" aria-label={t.unwish({ name })} data-testid={ids.wishedRemove}
          onClick={() => void takeOff(wish, wishes, name)}><Icon name="close" /></button>
      </ProductCard>
      {product.in_stock && wish.only_variant_id !== null ? <Add wish={wish} variant_id={wish.only_variant_id} name={name} /> : product.in_stock ? (
        <a class="button button-quiet" href={`/products/${product.id}`} data-testid={ids.wishedChoose}>{t.chooseVariant()}</a>
      ) : <p class="wished-out">{t.soldOut()}</p>}
    </div>
  );
}

/** Gone at once, back by one tap and to the same place; what the server refuses comes back by itself. */
async function takeOff(wish: Wish, wishes: Signal<readonly Wish[] | null>, name: string): Promise<void> {
  const before = wishes.value ?? [];
  const place = before.indexOf(wish);
  if (place < 0) return;
  const back = () => {
    const now = wishes.value ?? [];
    if (!now.some((one) => one.product.id === wish.product.id)) wishes.value = [...now.slice(0, place), wish, ...now.slice(place)];
  };
  wishes.value = before.filter((one) => one !== wish);
  const { refused } = await setWish(wish.product.id, false);
  if (refused) {
    back();
    return toast(sentence(refused));
  }
  const undo = async () => {
    back();
    const again = await setWish(wish.product.id, true);
    if (!again.refused) return;
    wishes.value = (wishes.value ?? []).filter((one) => one !== wish);
    toast(sentence(again.refused));
  };
  toast(words.value.unwished({ name }), { label: words.value.undo(), run: () => void undo() });
}

function Add({ wish: { product }, variant_id, name }: { wish: Wish; variant_id: string; name: string }) {
  const t = words.value;
  const working = useSignal(false);
  async function add(): Promise<void> {
    working.value = true;
    const refusal = await addToCart(variant_id, 1, null, {
      product_id: product.id, name: product.name, label: "", image_url: product.image_url ?? "", price_minor: product.price_minor, translations: product.translations,
    });
    working.value = false;
    if (refusal) toast(sentence(refusal));
    else toast(t.added(), { label: t.openBag(), run: () => location.assign("/bag") });
  }
  return (
    <button type="button" class="button button-primary" aria-label={t.addNamed({ name })} aria-disabled={working.value} data-testid={ids.wishedAdd}
      onClick={() => { if (!working.value) void add(); }}><Icon name="bag" />{t.addToBag()}</button>
  );
}
