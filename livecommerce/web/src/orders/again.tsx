/** The same things once more: into the bag, where their prices of today stand. */
import { useSignal } from "@preact/signals";
import { addToCart } from "../cart/store.ts";
import { orders as words } from "../i18n/orders.ts";
import { toast } from "../ui/toast.tsx";
import type { Refusal } from "../wire/rest.ts";
import type { Item, OrderDetail } from "./api.ts";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";

/** These say that a thing is not sold any more; any other refusal says that the server could not answer. */
const isGone = (code: string): boolean => code === "cart.product_unavailable" || code === "cart.quantity_invalid" || code === "product.not_found";

function addItem({ product_id, variant_id, quantity, name, label, image_url, unit_price_minor }: Item): Promise<Refusal | null> {
  // The product was taken away for good.
  if (product_id === null || variant_id === null) return Promise.resolve({ code: "product.not_found", message: "" });
  return addToCart(variant_id, quantity, null, { product_id, name, label, image_url: image_url ?? "", price_minor: unit_price_minor, translations: {} });
}

export function AgainButton({ order }: { order: OrderDetail }) {
  const t = words.value;
  const working = useSignal(false);
  const lines = order.parts.flatMap((part) => part.items);

  async function add(): Promise<void> {
    working.value = true;
    let gone = 0;
    for (const item of lines) {
      const refusal = await addItem(item);
      if (refusal && !isGone(refusal.code)) {
        working.value = false;
        return toast(sentence(refusal));
      }
      if (refusal) gone += 1;
    }
    working.value = false;
    if (gone === lines.length) return toast(t.againNone());
    toast(gone > 0 ? t.againSome({ count: gone }) : t.againDone(), { label: t.openBag(), run: () => location.assign("/bag") });
  }

  return <button type="button" class="button button-quiet" data-testid={ids.again} aria-disabled={working.value} onClick={() => { if (!working.value) void add(); }}>{t.again()}</button>;
}
