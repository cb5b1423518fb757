/** A product in a form of one column: what it is, what it costs, how it comes, what the law asks, how it is found. */
import { useComputed, useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { business as words } from "../i18n/business.ts";
import { common } from "../i18n/common.ts";
import { LoadFailed } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { productFilters } from "../shop/api.ts";
import { change, create, gstRates, one, type Product, type Status } from "./api.ts";
import { bodyOf, changesOf, draftOf, emptyDraft, unreadable, type Draft } from "./draft.ts";
import { Group, Line, Pick, type Form } from "./fields.tsx";
import { Pictures } from "./pictures.tsx";
import { at, toList } from "./place.ts";
import { OwnReviews } from "./reviews.tsx";
import { ids } from "./testids.ts";
import { Variants } from "./variants.tsx";
import { faultsOf, sentence, statusText } from "./words.ts";

/** id: null for a new product. */
export function Editor({ id }: { id: string | null }) {
  const t = words.value;
  const product = useSignal<Product | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const load = async () => {
    if (id === null) return;
    const answer = await one(id);
    if (answer.ok) product.value = answer.ok.product;
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => void load(), [id]);
  return (
    <>
      <a class="back-link" {...toList()}><Icon name="back" />{t.backToList()}</a>
      {refusal.value ? <LoadFailed text={sentence(refusal.value)} onRetry={() => void load()} /> : null}
      {id === null || product.value ? <Edit product={product} /> : refusal.value ? null : <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p>}
    </>
  );
}

function Edit({ product }: { product: Signal<Product | null> }) {
  const t = words.value;
  const before = product.value;
  const draft = useSignal<Draft>(before ? draftOf(before) : emptyDraft(newId()));
  const errors = useSignal<Readonly<Record<string, string>>>({});
  const notice = useSignal<string | null>(null);
  const working = useSignal(false);
  const newProductId = useRef(newId());
  const box = useRef<HTMLFormElement | null>(null);
  const start = useSignal(JSON.stringify(draft.peek()));
  const isChanged = useComputed(() => JSON.stringify(draft.value) !== start.value);
  useUnsaved(() => isChanged.peek());
  const form: Form = { draft, errors };

  function refuse(found: Record<string, string>, text: string): void {
    errors.value = found;
    notice.value = text;
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }

  async function save(): Promise<void> {
    const wrong = unreadable(draft.value);
    if (wrong.length > 0) return refuse(Object.fromEntries(wrong.map((path) => [path, t.errNumber()])), t.errSome());
    const body = product.value ? changesOf(draft.value, product.value) : { id: newProductId.current, ...bodyOf(draft.value) };
    working.value = true;
    const answer = product.value ? await change(product.value.id, body) : await create(body);
    working.value = false;
    if (answer.refused) return refuse(faultsOf(answer.refused), sentence(answer.refused));
    errors.value = {};
    notice.value = null;
    const isNew = product.value === null;
    product.value = answer.ok.product;
    draft.value = draftOf(answer.ok.product);
    start.value = JSON.stringify(draft.value);
    toast(t.saved());
    if (isNew) at.go(at.to({ product: answer.ok.product.id }), true);
  }
  return (
    <>
      <div class="page-head">
        <h1 dir="auto">{product.value ? product.value.name : t.newProduct()}</h1>
        {product.value ? <div class="actions"><a class="button button-quiet" href={`/products/${product.value.id}`}>{t.seeInShop()}</a><a class="button button-quiet" {...at.follow(at.to({ view: "stock" }))}>{t.stock()}</a></div> : null}
      </div>
      <form ref={box} class="form own-form" noValidate onSubmit={(event) => { event.preventDefault(); if (!working.value) void save(); }}>
        <Basics form={form} />
        <Pictures form={form} />
        <Prices form={form} />
        <Variants form={form} />
        <Law form={form} />
        <Finding form={form} />
        <Hindi form={form} />
        <div class="own-save">
          {notice.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{notice.value}</p> : null}
          <button type="submit" class="button button-primary" data-testid={ids.save} aria-disabled={working.value}>{working.value ? t.saving() : t.save()}</button>
          {isChanged.value ? <span class="quiet">{t.unsaved()}</span> : null}
        </div>
      </form>
      {product.value && product.value.total_reviews > 0 ? <OwnReviews id={product.value.id} /> : null}
    </>
  );
}

/** Asks before a page with something typed is left; the browser has its own words for it. */
function useUnsaved(isChanged: () => boolean): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => { if (isChanged()) event.preventDefault(); };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
}

const statuses: readonly Status[] = ["active", "inactive", "discontinued"];

function Basics({ form }: { form: Form }) {
  const t = words.value;
  const lists = useSignal<readonly string[]>([]);
  useEffect(() => void productFilters("").then((answer) => { if (answer.ok) lists.value = answer.ok.categories; }), []);
  return (
    <Group title={t.groupBasics()}>
      <Line form={form} name="name" label={t.name()} hint={t.nameHint()} max={255} wide />
      <Line form={form} name="short_description" label={t.short()} hint={t.shortHint()} max={500} wide optional />
      <Line form={form} name="description" label={t.description()} max={10_000} rows={5} wide optional />
      <Line form={form} name="category" label={t.category()} max={100} options={lists.value} optional />
      <Line form={form} name="subcategory" label={t.subcategory()} max={100} optional />
      <Line form={form} name="brand" label={t.brand()} max={100} optional />
      <Pick label={t.status()} hint={t.statusHint()} testid={ids.field("status")} value={form.draft.value.status} options={statuses.map((status) => [status, statusText(status)] as const)}
        onPick={(status) => { form.draft.value = { ...form.draft.value, status: status as Status }; }} />
      <label class="switch own-wide">
        <span><b>{t.showLive()}</b><small>{t.showLiveHint()}</small></span>
        <input type="checkbox" checked={form.draft.value.live} onChange={(event) => { form.draft.value = { ...form.draft.value, live: event.currentTarget.checked }; }} />
      </label>
    </Group>
  );
}

function Prices({ form }: { form: Form }) {
  const t = words.value;
  return (
    <Group title={t.groupPrices()}>
      <Line form={form} name="mrp" path="mrp_minor" label={t.mrp()} hint={t.mrpHint()} rupees />
      <Line form={form} name="price" path="price_minor" label={t.price()} hint={t.priceHint()} rupees optional />
      <Line form={form} name="wholesale" path="wholesale_price_minor" label={t.wholesale()} hint={t.wholesaleHint()} rupees optional />
      <Pick label={t.gst()} hint={t.gstHint()} testid={ids.field("tax_rate_bp")} error={form.errors.value.tax_rate_bp} value={String(form.draft.value.tax_rate_bp)}
        options={gstRates.map((rate) => [String(rate), `${rate / 100} %`] as const)} onPick={(rate) => { form.draft.value = { ...form.draft.value, tax_rate_bp: Number(rate) }; }} />
      <Line form={form} name="low" path="min_stock_level" label={t.lowAt()} hint={t.lowAtHint()} max={7} numeric />
    </Group>
  );
}

function Law({ form }: { form: Form }) {
  const t = words.value;
  return (
    <Group title={t.groupLaw()}>
      <Line form={form} name="hsn_code" label={t.hsn()} hint={t.hsnHint()} max={8} numeric optional />
      <Line form={form} name="country_of_origin" label={t.origin()} max={100} optional />
      <Line form={form} name="importer" label={t.importer()} hint={t.importerHint()} max={500} optional />
      <Line form={form} name="net_quantity" label={t.netQuantity()} hint={t.netQuantityHint()} max={50} optional />
      <Line form={form} name="weight" path="weight_g" label={t.weight()} max={10} numeric optional />
      <Line form={form} name="length" path="dimensions_mm" label={t.length()} max={8} numeric optional />
      <Line form={form} name="width" path="dimensions_mm" label={t.width()} max={8} numeric optional />
      <Line form={form} name="height" path="dimensions_mm" label={t.height()} max={8} numeric optional />
      <Line form={form} name="barcode" label={t.barcode()} max={14} numeric optional />
      <Line form={form} name="sku" label={t.sku()} hint={t.skuHint()} max={100} optional />
    </Group>
  );
}

function Finding({ form }: { form: Form }) {
  const t = words.value;
  return (
    <Group title={t.groupFinding()}>
      <Line form={form} name="tags" label={t.tags()} hint={t.tagsHint()} max={1600} optional />
      <Line form={form} name="keywords" label={t.keywords()} hint={t.tagsHint()} max={1600} optional />
      <Line form={form} name="meta_title" label={t.metaTitle()} hint={t.metaTitleHint()} max={255} optional wide />
      <Line form={form} name="meta_description" label={t.metaDescription()} max={500} rows={2} optional wide />
      <Line form={form} name="videos" label={t.videos()} hint={t.videosHint()} max={2600} rows={2} optional wide />
    </Group>
  );
}

function Hindi({ form }: { form: Form }) {
  const t = words.value;
  return (
    <Group title={t.groupHindi()}>
      <Line form={form} name="hiName" path="translations.hi.name" label={t.hindiName()} max={255} optional wide lang="hi" />
      <Line form={form} name="hiShort" label={t.hindiShort()} max={500} optional wide lang="hi" />
      <Line form={form} name="hiText" label={t.hindiText()} max={10_000} rows={3} optional wide lang="hi" />
    </Group>
  );
}
