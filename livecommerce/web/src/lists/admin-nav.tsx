/** The ways around the desks of admins, the same on each of their pages. */
import { site as words } from "../i18n/site.ts";

type Here = "queries" | "orders" | "money" | "reviews";

export function AdminNav({ here }: { here: Here }) {
  const t = words.value;
  const ways: readonly (readonly [Here, string])[] = [["queries", t.supportDesk()], ["orders", t.ordersDesk()], ["money", t.moneyDesk()], ["reviews", t.reviewsDesk()]];
  return (
    <nav class="tabs" aria-label={t.adminDesks()}>
      {ways.map(([key, label]) => <a key={key} href={`/admin/${key}`} aria-current={key === here ? "page" : undefined} data-testid={`desk-${key}`}>{label}</a>)}
    </nav>
  );
}
