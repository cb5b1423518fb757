/** The page of one product: pictures, what to choose, what it is, what buyers say, what goes with it. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addToCart } from "../cart/store.ts";
import { noteProductOpened } from "../cart/touch.ts";
import { common } from "../i18n/common.ts";
import { number } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { shop as words } from "../i18n/shop.ts";
import { Empty, LoadFailed, Shell } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { toast } from "../ui/toast.tsx";
import { person, restoring } from "../wire/identity.ts";
import { productText, written } from "../wire/product-text.ts";
import type { Refusal } from "../wire/rest.ts";
import { productOf, relatedTo, type Card, type Product } from "./api.ts";
import { Heart, Price, ProductCard, sentence, Stars, Stock } from "./parts.tsx";
import { Reviews } from "./reviews.tsx";
import { ids } from "./testids.ts";
import { chosen, kindsOf, stockWith, valuesOf, variantFor, type Choice, type Kind } from "./variants.ts";

const mostOfOne = 10;

export function ProductPage() {
  const id = location.pathname.split("/")[2] ?? "";
  const product = useSignal<Product | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const load = async () => {
    const answer = await productOf(id);
    if (answer.ok) product.value = answer.ok.product;
    refusal.value = answer.refused ?? null;
  };
  const who = restoring.value ? "?" : person.value?.id ?? "";
  useEffect(() => { if (who !== "?") void load(); }, [who]);
  const t = words.value;
  const gone = refusal.value?.code === "product.not_found";
  return (
    <Shell place="shop" wide>
      <a class="back-link" href="/products"><Icon name="back" />{t.title()}</a>
      {gone ? <Empty title={t.goneTitle()} text={t.gone()}><a class="button button-primary" href="/products">{t.toShop()}</a></Empty> : null}
      {refusal.value && !gone ? <LoadFailed text={sentence(refusal.value)} onRetry={() => void load()} /> : null}
      {product.value ? <Shown key={product.value.id} product={product.value} /> : refusal.value ? null : <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p>}
    </Shell>
  );
}

function Shown({ product }: { product: Product }) {
  useEffect(() => noteProductOpened(product.id), [product.id, person.value]);
  const reviewsKnown = useSignal(false);
  return (
    <>
      <div class="product">
        <Gallery product={product} />
        <Buy product={product} />
      </div>
      <Facts product={product} />
      <Reviews product={product} onKnown={() => { reviewsKnown.value = true; }} />
      <Related id={product.id} waits={!reviewsKnown.value} />
    </>
  );
}

function Gallery({ product }: { product: Product }) {
  const t = words.value;
  const shown = useSignal(0);
  const { name } = productText(product, language.value);
  const images = product.images.length > 0 ? product.images : [null];
  return (
    <section class="gallery" aria-label={t.pictures()}>
      <span class="gallery-shown"><Picture key={shown.value} url={images[shown.value] ?? null} name={name.text} size={1080} eager /></span>
      {images.length > 1 ? (
        <ul class="gallery-rest">
          {images.map((url, n) => (
            <li key={url}><button type="button" aria-pressed={shown.value === n} aria-label={t.pictureOf({ number: n + 1, count: images.length })} onClick={() => { shown.value = n; }}><Picture url={url} name={name.text} size={96} /></button></li>
          ))}
        </ul>
      ) : null}
      {product.videos.map((url, n) => <a key={url} class="button button-quiet button-small" href={url} target="_blank" rel="noopener noreferrer"><Icon name="play" />{t.watchVideo({ number: n + 1 })}</a>)}
    </section>
  );
}

function Buy({ product }: { product: Product }) {
  const t = words.value;
  const first = product.variants.find((variant) => variant.stock > 0) ?? product.variants[0];
  const choice = useSignal<Choice>(first ? valuesOf(first) : {});
  const quantity = useSignal(1);
  const { name, about } = productText(product, language.value);
  const variant = variantFor(product.variants, choice.value);
  const most = Math.max(1, Math.min(mostOfOne, variant?.stock ?? 1));
  return (
    <section class="product-buy">
      <div class="product-head">
        <h1 lang={name.lang}>{name.text}</h1>
        <Heart card={product} name={name.text} />
      </div>
      <p class="quiet">{[product.brand, t.soldBy({ name: product.wholesaler_name })].filter(Boolean).join(" · ")}</p>
      <Stars rating={product.average_rating} count={product.total_reviews} />
      <p class="product-price">
        <Price price_minor={variant?.price_minor ?? product.price_minor} compare_at_minor={product.mrp_minor} />
        <small class="quiet">{t.taxIncluded()}</small>
      </p>
      {about.text ? <p lang={about.lang}>{about.text}</p> : null}
      {kindsOf(product.variants).map((kind) => <Choose key={kind.name} kind={kind} product={product} choice={choice} quantity={quantity} />)}
      <div class="row">
        <Stock stock={variant?.stock ?? 0} />
        <Quantity quantity={quantity} most={most} />
      </div>
      <Add product={product} variant={variant} quantity={Math.min(quantity.value, most)} />
    </section>
  );
}

function Choose({ kind, product, choice, quantity }: { kind: Kind; product: Product; choice: Signal<Choice>; quantity: Signal<number> }) {
  const t = words.value;
  const title = kind.name === "color" ? t.color() : kind.name === "size" ? t.size() : kind.name;
  return (
    <fieldset class="chips">
      <legend>{title}</legend>
      {kind.values.map((value) => {
        const isOut = stockWith(product.variants, choice.value, kind.name, value) <= 0;
        return (
          <label key={value} class="chip" data-none={isOut}>
            <input type="radio" name={`kind-${kind.name}`} checked={choice.value[kind.name] === value} data-testid={ids.choose(kind.name, value)}
              onChange={() => { choice.value = chosen(product.variants, choice.value, kind.name, value); quantity.value = 1; }} />
            <span>{value}{isOut ? <small>{t.soldOut()}</small> : null}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

function Quantity({ quantity, most }: { quantity: Signal<number>; most: number }) {
  const t = words.value;
  const now = Math.min(quantity.value, most);
  return (
    <span class="stepper" role="group" aria-label={t.quantity()}>
      <button type="button" aria-label={t.less()} disabled={now <= 1} onClick={() => { quantity.value = now - 1; }}><Icon name="minus" /></button>
      <output data-testid={ids.quantity}>{number(language.value, now)}</output>
      <button type="button" aria-label={t.oneMore()} disabled={now >= most} onClick={() => { quantity.value = now + 1; }}><Icon name="plus" /></button>
    </span>
  );
}

function Add({ product, variant, quantity }: { product: Product; variant: Product["variants"][number] | null; quantity: number }) {
  const t = words.value;
  const working = useSignal(false);
  if (person.value !== null && person.value.role !== "customer") return <p class="callout">{t.customersBuy()}</p>;
  const isOut = variant === null || variant.stock <= 0;
  async function add(): Promise<void> {
    if (variant === null) return;
    working.value = true;
    const refusal = await addToCart(variant.id, quantity, null, {
      product_id: product.id, name: product.name, label: variant.label, image_url: product.image_url ?? "", price_minor: variant.price_minor,
      translations: product.translations,
    });
    working.value = false;
    if (refusal) toast(sentence(refusal));
    else toast(t.added(), { label: t.openBag(), run: () => location.assign("/bag") });
  }
  return (
    <div class="product-add">
      <button type="button" class="button button-primary button-wide" data-testid={ids.add} disabled={isOut} aria-disabled={working.value}
        onClick={() => { if (!working.value) void add(); }}><Icon name="bag" />{isOut ? t.soldOut() : t.addToBag()}</button>
    </div>
  );
}

function Facts({ product }: { product: Product }) {
  const t = words.value;
  const cm = (mm: number) => number(language.value, mm / 10);
  const sides = product.dimensions_mm;
  const rows: readonly (readonly [string, string | null])[] = [
    [t.netQuantity(), product.net_quantity], [t.weight(), product.weight_g === null ? null : t.kilograms({ amount: number(language.value, product.weight_g / 1000) })],
    [t.dimensions(), sides ? t.centimetres({ length: cm(sides.length), width: cm(sides.width), height: cm(sides.height) }) : null],
    [t.origin(), product.country_of_origin], [t.importer(), product.importer], [t.hsn(), product.hsn_code],
    [t.gst(), t.percent({ amount: number(language.value, product.tax_rate_bp / 100) })],
  ];
  const own = productText(product, language.value).about.text;
  return (
    <section class="panel product-facts" aria-labelledby="about">
      <h2 id="about">{t.about()}</h2>
      {product.description && product.description !== own ? <p class="product-text" lang={written(product.description, language.value).lang}>{product.description}</p> : null}
      <dl class="facts payment-facts">
        {rows.map(([label, value]) => (value ? <div key={label}><dt>{label}</dt><dd>{value}</dd></div> : null))}
      </dl>
    </section>
  );
}

/** waits: how far down this stands is not known yet. */
function Related({ id, waits }: { id: string; waits: boolean }) {
  const t = words.value;
  const cards = useSignal<readonly Card[]>([]);
  // Without it the page is as good: a failure is silent.
  useEffect(() => void relatedTo(id).then((answer) => { if (answer.ok) cards.value = answer.ok.products; }), [id]);
  if (waits || cards.value.length === 0) return null;
  return (
    <section class="product-related" aria-labelledby="related">
      <h2 id="related">{t.related()}</h2>
      <ul class="cards shop-cards">{cards.value.map((card) => <li key={card.id}><ProductCard card={card} /></li>)}</ul>
    </section>
  );
}
