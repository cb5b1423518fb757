/** Plan a live session: title, description, start, and the products in the order in which they will be shown. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { common } from "../../i18n/common.ts";
import { money, zoneName } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { ids } from "../../testids.ts";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { productText } from "../../wire/product-text.ts";
import type { Refusal } from "../../wire/rest.ts";
import { change, create, findProducts, ownLiveSessions, type StudioProduct, type Visibility } from "../api.ts";
import { go } from "../route.ts";
import { visibilities, visibilityText } from "../visibility.ts";

const typing_ms = 250;

interface Draft {
  title: string;
  description: string;
  /** As <input type="datetime-local"> has it, in the zone of this device. */
  start: string;
  visibility: Visibility;
  /** Seconds for which stock is held; 0: whoever pays first has it. */
  hold_s: number;
  takes_claims: boolean;
}

const holds_min = [5, 10, 15, 30, 60];

/** A time as <input type="datetime-local"> wants it, in the zone of this device. */
function localTime(at_ms: number): string {
  const date = new Date(at_ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

type Wrong = Partial<Record<"title" | "products" | "start", string>>;

export function Edit({ id }: { id: string | null }) {
  const t = words.value;
  const draft = useSignal<Draft>({ title: "", description: "", start: "", visibility: "public", hold_s: 600, takes_claims: true });
  const chosen = useSignal<StudioProduct[]>([]);
  const wrong = useSignal<Wrong>({});
  const refusal = useSignal<Refusal | null>(null);
  const saving = useSignal(false);
  const loading = useSignal(id !== null);
  const dirty = useRef(false);
  const form = useRef<HTMLFormElement | null>(null);
  /** The start before this change: only another one is sent, since it may have passed meanwhile. */
  const startBefore = useRef("");

  useEffect(() => {
    if (id === null) return;
    void Promise.all([ownLiveSessions(), findProducts("")]).then(([own, found]) => {
      const one = own.ok?.live_sessions.find((other) => other.id === id);
      loading.value = false;
      if (!one) return go({ view: "list" }, true);
      startBefore.current = one.scheduled_start_at_ms === null ? "" : localTime(one.scheduled_start_at_ms);
      draft.value = { title: one.title, description: one.description, start: startBefore.current, visibility: one.visibility, hold_s: one.hold_policy === "hold" ? one.hold_ttl_s : 0, takes_claims: one.takes_claims };
      const products = found.ok?.products ?? [];
      chosen.value = one.product_ids.flatMap((product_id) => products.filter((product) => product.id === product_id));
    });
  }, []);
  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => { if (dirty.current) event.preventDefault(); };
    addEventListener("beforeunload", guard);
    return () => removeEventListener("beforeunload", guard);
  }, []);

  const edit = (part: Partial<Draft>) => {
    dirty.current = true;
    draft.value = { ...draft.value, ...part };
    const mended = (Object.keys(part) as (keyof Wrong)[]).filter((field) => field in wrong.value);
    if (mended.length > 0) wrong.value = Object.fromEntries(Object.entries(wrong.value).filter(([field]) => !mended.includes(field as keyof Wrong)));
  };
  const choose = (next: StudioProduct[]) => {
    dirty.current = true;
    chosen.value = next;
    if (next.length > 0) {
      const { products: _, ...rest } = wrong.value;
      wrong.value = rest;
    }
  };

  async function save(): Promise<void> {
    const { title, description, start, visibility, hold_s, takes_claims } = draft.value;
    const start_ms = start === "" ? null : new Date(start).getTime();
    const found: Wrong = {};
    if (title.trim() === "") found.title = t.errTitle();
    if (chosen.value.length === 0) found.products = t.errProducts();
    const moved = start !== startBefore.current;
    if (moved && start_ms !== null && !(start_ms > Date.now())) found.start = t.errStart();
    wrong.value = found;
    refusal.value = null;
    if (Object.keys(found).length > 0) {
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
      return;
    }
    saving.value = true;
    const plan = {
      title: title.trim(), description: description.trim(), visibility, product_ids: chosen.value.map((product) => product.id),
      hold_policy: hold_s > 0 ? "hold" as const : "first_paid" as const, hold_ttl_s: hold_s > 0 ? hold_s : 600, takes_claims,
      ...(moved ? { scheduled_start_at_ms: start_ms } : {}),
    };
    const answer = id === null ? await create(plan) : await change(id, plan);
    saving.value = false;
    if (!answer.ok) {
      refusal.value = answer.refused;
      return;
    }
    dirty.current = false;
    go({ view: "room", id: answer.ok.live_session.id }, true);
  }

  if (loading.value) return <p class="quiet" role="status">{common.value.loading()}</p>;
  return (
    <>
      <div class="page-head">
        <h1>{id === null ? t.newSession() : t.editTitle()}</h1>
        <button type="button" class="button button-quiet" onClick={() => go({ view: "list" })}><Icon name="back" />{t.backToList()}</button>
      </div>
      <form ref={form} class="edit" noValidate onSubmit={(event) => { event.preventDefault(); if (!saving.value) void save(); }}>
        <div class="panel form">
          <Field label={t.fieldTitle()} hint={t.fieldTitleHint()} error={wrong.value.title}>
            {(described) => <input {...described} type="text" maxLength={120} required dir="auto" value={draft.value.title} data-testid={ids.sessionTitle} onInput={(event) => edit({ title: event.currentTarget.value })} />}
          </Field>
          <Field label={t.fieldDescription()} optional={t.optional()}>
            {(described) => <textarea {...described} maxLength={2000} rows={3} dir="auto" value={draft.value.description} data-testid={ids.sessionDescription} onInput={(event) => edit({ description: event.currentTarget.value })} />}
          </Field>
          <Field label={t.fieldStart()} optional={t.optional()} error={wrong.value.start} hint={t.fieldStartHint({ zone: zoneName(language.value) })}>
            {(described) => <input {...described} type="datetime-local" value={draft.value.start} data-testid={ids.sessionStart} onInput={(event) => edit({ start: event.currentTarget.value })} />}
          </Field>
          <Field label={t.fieldVisibility()} hint={t.fieldVisibilityHint()}>
            {(described) => (
              <select {...described} value={draft.value.visibility} data-testid={ids.sessionVisibility} onChange={(event) => edit({ visibility: event.currentTarget.value as Visibility })}>
                {visibilities.map((one) => <option key={one} value={one}>{visibilityText(t, one)}</option>)}
              </select>
            )}
          </Field>
          <Field label={t.fieldHold()} hint={t.fieldHoldHint()}>
            {(described) => (
              <select {...described} value={String(draft.value.hold_s)} data-testid={ids.sessionHold} onChange={(event) => edit({ hold_s: Number(event.currentTarget.value) })}>
                {[...new Set([...holds_min.map((minutes) => minutes * 60), ...(draft.value.hold_s > 0 ? [draft.value.hold_s] : [])])].sort((a, b) => a - b)
                  .map((hold_s) => <option key={hold_s} value={String(hold_s)}>{t.holdMinutes({ minutes: Math.round(hold_s / 60) })}</option>)}
                <option value="0">{t.holdFirstPaid()}</option>
              </select>
            )}
          </Field>
          <label class="switch">
            <span><b>{t.takesClaims()}</b><small>{t.takesClaimsHint()}</small></span>
            <input type="checkbox" role="switch" checked={draft.value.takes_claims} data-testid={ids.sessionClaims} onChange={(event) => edit({ takes_claims: event.currentTarget.checked })} />
          </label>
          <Chosen chosen={chosen.value} onChange={choose} error={wrong.value.products} />
          {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
          <button type="submit" class="button button-primary" data-testid={ids.saveSession} aria-disabled={saving.value}>
            {saving.value ? t.saving() : id === null ? t.saveNew() : t.save()}
          </button>
        </div>
        <Picker chosen={chosen.value} onChange={choose} />
      </form>
    </>
  );
}

function Chosen({ chosen, onChange, error }: { chosen: StudioProduct[]; onChange: (next: StudioProduct[]) => void; error: string | undefined }) {
  const t = words.value;
  return (
    <div class="chosen">
      <h2>{t.chosen({ count: chosen.length })}</h2>
      {error ? <p class="field-error" role="alert">{error}</p> : null}
      <ol>
        {chosen.map((product, at) => {
          const { name } = productText(product, language.value);
          return (
            <li key={product.id}>
              <span class="chosen-number">{at + 1}</span>
              <Picture url={product.image_url} name={name.text} size={40} />
              <span class="chosen-name" lang={name.lang}>{name.text}</span>
              <button type="button" class="icon-button" aria-label={t.moveUp({ name: name.text })} disabled={at === 0}
                onClick={() => onChange(chosen.map((one, n) => (n === at - 1 ? product : n === at ? chosen[at - 1]! : one)))}><span class="turn-up"><Icon name="down" /></span></button>
              <button type="button" class="icon-button" aria-label={t.remove({ name: name.text })} onClick={() => onChange(chosen.filter((one) => one.id !== product.id))}><Icon name="close" /></button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Picker({ chosen, onChange }: { chosen: StudioProduct[]; onChange: (next: StudioProduct[]) => void }) {
  const t = words.value;
  const text = useSignal("");
  const found = useSignal<StudioProduct[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const latest = useRef(0);
  const search = async () => {
    const mine = ++latest.current;
    const answer = await findProducts(text.value.trim());
    if (mine !== latest.current) return;
    if (answer.ok) found.value = answer.ok.products;
    refusal.value = answer.refused ?? null;
  };
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => void search(), []);
  const picked = new Set(chosen.map((product) => product.id));
  return (
    <section class="panel picker" aria-labelledby="choose-products">
      <h2 id="choose-products">{t.chooseProducts()}</h2>
      <label class="search">
        <span class="unseen">{t.searchProducts()}</span>
        <Icon name="search" />
        <input type="search" placeholder={t.searchProducts()} value={text.value} data-testid={ids.productSearch}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            clearTimeout(timer.current);
            timer.current = setTimeout(() => void search(), typing_ms);
          }}
          onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); void search(); } }} />
      </label>
      {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
      {found.value?.length === 0 ? <p class="empty">{text.value ? t.noMatch({ text: text.value }) : t.noneToSell()}</p> : null}
      <ul class="pick-list">
        {found.value?.map((product) => (
          <li key={product.id}>
            <Pick product={product} isPicked={picked.has(product.id)}
              onChange={() => onChange(picked.has(product.id) ? chosen.filter((one) => one.id !== product.id) : [...chosen, product])} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Pick({ product, isPicked, onChange }: { product: StudioProduct; isPicked: boolean; onChange: () => void }) {
  const t = words.value;
  const { name } = productText(product, language.value);
  return (
    <label class="pick" data-picked={isPicked}>
      <input type="checkbox" checked={isPicked} data-testid={ids.pick(product.id)} onChange={onChange} />
      <Picture url={product.image_url} name={name.text} size={56} />
      <span class="pick-text">
        <b lang={name.lang}>{name.text}</b>
        <small>{t.by({ name: product.wholesaler_name })}</small>
        <small class="pick-figures"><strong>{money(language.value, product.price_minor)}</strong><span>{t.stockLeft({ count: product.stock })}</span></small>
      </span>
    </label>
  );
}
