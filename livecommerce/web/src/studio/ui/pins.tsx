/** Products of the live session with what they earn; one tap puts one on the video, another swaps it. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { countdown, money } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio as words } from "../../i18n/studio.ts";
import { Stock } from "../../live/ui/products.tsx";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Product } from "../../wire/contract.gen.ts";
import { productText } from "../../wire/product-text.ts";
import type { RoomState } from "../room-state.ts";
import { DealControls } from "./deals.tsx";

/** Pin, or with null unpin; with an Undo that brings back what was there. */
async function put(room: RoomState, product: Product | null, undoable = true): Promise<void> {
  const before = room.pinned.peek();
  if (before?.id === product?.id) return;
  const answer = product ? await room.pin(product.id) : before ? await room.unpin(before.id) : null;
  if (!answer) return;
  if (answer.refused) return toast(refusalText(answer.refused));
  if (!undoable) return;
  const t = words.value;
  const name = productText((product ?? before)!, language.value).name.text;
  toast(product ? t.pinnedToast({ name }) : t.unpinnedToast({ name }), {
    label: t.undo(), run: () => void put(room, before, false),
  });
}

export function Pins({ room, keysOn }: { room: RoomState; keysOn: Signal<boolean> }) {
  const t = words.value;
  const { products, pinned, sales } = room.store.state.value;
  const since = usePinnedSince(pinned);
  const may = room.onAir.value;
  const over = room.broadcast.value === "ended";
  return (
    <>
      <div class="room-products-head">
        <h2>{t.products()}</h2>
        {over ? null : (
          <label class="keys-switch" title={t.keysHint()}>
            <input type="checkbox" checked={keysOn.value} onChange={(event) => { keysOn.value = event.currentTarget.checked; }} />
            <span>{t.keysHint()}</span>
          </label>
        )}
      </div>
      <ul class="pins">
        {products.map((product, at) => {
          const on = product.id === pinned;
          const { name } = productText(product, language.value);
          const row = sales?.products.find((one) => one.product_id === product.id);
          return (
            <li key={product.id} class="pin-row" data-on={on}>
              {keysOn.value && !over && at < 9 ? <kbd aria-hidden="true">{at + 1}</kbd> : null}
              <Picture url={product.image_url} name={name.text} size={52} />
              <div class="pin-row-text">
                <b lang={name.lang}>{name.text}</b>
                <span class="pin-row-facts"><strong>{money(language.value, product.price_minor)}</strong> <Stock stock={product.stock} /></span>
                <span class="pin-row-sales">
                  <span data-testid={ids.clicks(product.id)} data-count={row?.clicks ?? 0}>{t.clicks({ count: row?.clicks ?? 0 })}</span>
                  <span data-testid={ids.orders(product.id)} data-count={row?.orders ?? 0}>{t.orders({ count: row?.orders ?? 0 })}</span>
                  <span>{money(language.value, row?.revenue_minor ?? 0)}</span>
                </span>
                {over ? null : (
                  <div class="pin-row-deal">
                    {product.claim_code ? <span class="tag" title={t.claimCode({ code: product.claim_code })}>{product.claim_code}</span> : null}
                    <DealControls room={room} product={product} />
                  </div>
                )}
                {on && since.value !== null ? <span class="pin-row-on"><Icon name="pin" />{t.pinnedFor({ time: countdown(since.value) })}</span> : null}
              </div>
              {over ? null : <button type="button" class="button button-small button-quiet pin-button" disabled={!may} aria-pressed={on}
                data-testid={on ? ids.unpin : ids.pin(product.id)} aria-label={`${on ? t.unpin() : t.pin()}: ${name.text}`}
                onClick={() => void put(room, on ? null : product)}>{on ? t.unpin() : t.pin()}</button>}
            </li>
          );
        })}
      </ul>
      {products.length === 0 ? <p class="empty">{t.noneToSell()}</p> : null}
    </>
  );
}

function usePinnedSince(pinned: string | null): Signal<number | null> {
  const lasted_ms = useSignal<number | null>(null);
  useEffect(() => {
    if (pinned === null) {
      lasted_ms.value = null;
      return;
    }
    const from_ms = performance.now();
    lasted_ms.value = 0;
    const timer = setInterval(() => { lasted_ms.value = Math.floor((performance.now() - from_ms) / 1000) * 1000; }, 1_000);
    return () => clearInterval(timer);
  }, [pinned]);
  return lasted_ms;
}

/** Keys 1 to 9 pin, 0 unpins, M mutes: never while typing, and with an off switch (WCAG 2.1.4). */
export function useKeys(room: RoomState): Signal<boolean> {
  const on = useSignal(matchMedia("(pointer: fine)").matches);
  const current = useRef(room);
  current.current = room;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
      if (!on.value || typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const { store, devices, onAir } = current.current;
      if (event.key.toLowerCase() === "m") devices.setMuted(!devices.muted.value);
      else if (/^\d$/.test(event.key) && onAir.value) {
        const product = event.key === "0" ? null : store.state.value.products[Number(event.key) - 1];
        if (product !== undefined) void put(current.current, product);
      } else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return on;
}
