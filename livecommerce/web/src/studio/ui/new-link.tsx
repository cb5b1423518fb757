/** Where a new link leads to: the shop, a product, or one of one's live sessions. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { common } from "../../i18n/common.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { useAct } from "../../lists/act.ts";
import { Icon } from "../../ui/icon.tsx";
import { productText } from "../../wire/product-text.ts";
import type { Refusal } from "../../wire/rest.ts";
import { findProducts, makeLink, ownLiveSessions, type AffiliateLink, type OwnLiveSession, type StudioProduct } from "../api.ts";
import { linkIds } from "../testids.ts";

const targets = ["product", "live", "shop"] as const;
type Target = (typeof targets)[number];
const typing_ms = 300;

export function NewLink({ onMade, onClose }: { onMade: (link: AffiliateLink) => void; onClose: () => void }) {
  const t = words.value;
  const dialog = useRef<HTMLDialogElement | null>(null);
  const target = useSignal<Target>("product");
  /** The chosen product or live session. */
  const chosen = useSignal("");
  const isMissing = useSignal(false);
  const act = useAct();
  useEffect(() => dialog.current?.showModal(), []);
  const labels: Record<Target, () => string> = { product: t.linkKindProduct, live: t.linkKindLive, shop: t.linkKindShop };
  const make = async () => {
    isMissing.value = target.value !== "shop" && chosen.value === "";
    if (isMissing.value) return;
    const wanted = target.value === "shop" ? {} : target.value === "live" ? { live_session_id: chosen.value } : { product_id: chosen.value };
    const answer = await act.run(() => makeLink(wanted));
    if (answer) onMade(answer.link);
  };
  const choose = (id: string) => {
    chosen.value = id;
    isMissing.value = false;
  };
  return (
    <dialog ref={dialog} class="dialog link-dialog" aria-labelledby="new-link" onClose={onClose}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void make(); }}>
        <h2 id="new-link">{t.newLink()}</h2>
        <div class="segments" role="group" aria-label={t.linkTo()}>
          {targets.map((one) => <button key={one} type="button" aria-pressed={target.value === one} data-testid={linkIds.to(one)} onClick={() => { target.value = one; choose(""); }}>{labels[one]()}</button>)}
        </div>
        {target.value === "shop" ? <p class="quiet">{t.linkShopHint()}</p> : target.value === "live" ? <Lives chosen={chosen.value} onChoose={choose} /> : <Products chosen={chosen.value} onChoose={choose} />}
        {isMissing.value ? <p class="field-error" role="alert">{t.errLinkTarget()}</p> : null}
        {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{act.refusal.value.code === "link.target_unknown" ? t.linkGone() : refusalText(act.refusal.value)}</p> : null}
        <div class="actions">
          <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()}>{common.value.close()}</button>
          <button type="submit" class="button button-primary" data-testid={linkIds.make} aria-disabled={act.working.value}>{t.makeLink()}</button>
        </div>
      </form>
    </dialog>
  );
}

interface ChoiceProps {
  chosen: string;
  onChoose: (id: string) => void;
}

function Products({ chosen, onChoose }: ChoiceProps) {
  const t = words.value;
  const text = useSignal("");
  const found = useSignal<readonly StudioProduct[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const latest = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const search = async () => {
    const mine = ++latest.current;
    const answer = await findProducts(text.value.trim());
    if (mine !== latest.current) return;
    if (answer.ok) found.value = answer.ok.products;
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => { void search(); return () => clearTimeout(timer.current); }, []);
  return (
    <>
      <label class="search">
        <span class="unseen">{t.searchProducts()}</span><Icon name="search" />
        <input type="search" placeholder={t.searchProducts()} value={text.value} data-testid={linkIds.search}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            clearTimeout(timer.current);
            timer.current = setTimeout(() => void search(), typing_ms);
          }}
          onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); void search(); } }} />
      </label>
      {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
      {found.value?.length === 0 ? <p class="empty">{text.value ? t.noMatch({ text: text.value }) : t.noneToSell()}</p> : null}
      <ul class="link-choices">
        {found.value?.map((product) => {
          const { name } = productText(product, language.value);
          return (
            <li key={product.id}>
              <label class="choice">
                <input type="radio" name="link-target" checked={chosen === product.id} data-testid={linkIds.product(product.id)} onChange={() => onChoose(product.id)} />
                <span><b lang={name.lang}>{name.text}</b><small>{t.by({ name: product.wholesaler_name })}</small></span>
              </label>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Those that somebody else can open; a cancelled one leads nowhere. */
function Lives({ chosen, onChoose }: ChoiceProps) {
  const t = words.value;
  const found = useSignal<readonly OwnLiveSession[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  useEffect(() => {
    void ownLiveSessions().then((answer) => {
      if (answer.ok) found.value = answer.ok.live_sessions.filter((one) => one.visibility !== "private" && one.status !== "cancelled");
      refusal.value = answer.refused ?? null;
    });
  }, []);
  return (
    <>
      {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
      {found.value?.length === 0 ? <p class="empty">{t.noLivesToLink()}</p> : null}
      <ul class="link-choices">
        {found.value?.map((one) => (
          <li key={one.id}>
            <label class="choice">
              <input type="radio" name="link-target" checked={chosen === one.id} data-testid={linkIds.live(one.id)} onChange={() => onChoose(one.id)} />
              <span><b dir="auto">{one.title}</b></span>
            </label>
          </li>
        ))}
      </ul>
    </>
  );
}
