/** The ways around a wholesaler's desk, the same on each of its pages. */
import { business as words } from "../i18n/business.ts";

export type Here = "products" | "orders" | "money";

export function BusinessNav({ here }: { here: Here }) {
  const t = words.value;
  const ways: readonly (readonly [Here, string, string])[] = [
    ["products", "/business", t.navProducts()], ["orders", "/business/orders", t.navOrders()], ["money", "/business/money", t.navMoney()],
  ];
  return (
    <nav class="tabs" aria-label={t.navLabel()}>
      {ways.map(([key, href, label]) => <a key={key} href={href} aria-current={key === here ? "page" : undefined} data-testid={`desk-${key}`}>{label}</a>)}
    </nav>
  );
}
