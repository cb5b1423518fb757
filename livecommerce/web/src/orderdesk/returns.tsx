/** What customers send back to any wholesaler; an admin may decide for one who does not answer. */
import { orderdesk as words } from "../i18n/orderdesk.ts";
import { ListView, Pager, useListed } from "../lists/listed.tsx";
import { Filters } from "../lists/tabs.tsx";
import { ReturnCard } from "../parcels/returns.tsx";
import { sentence } from "../parcels/words.tsx";
import { Empty } from "../site/shell.tsx";
import { adminReturns, returnShelves } from "./api.ts";
import { follow, place, to } from "./place.ts";
import { shelfText } from "./words.ts";

export function Returns() {
  const t = words.value;
  const { after } = place.value;
  const shelf = returnShelves.find((one) => one === place.value.status) ?? "open";
  const listed = useListed(`${shelf} ${after}`, () => adminReturns(shelf, after));
  const next = listed.page?.next;
  return (
    <>
      <Filters label={t.filters()} here={shelf} choices={returnShelves.map((key) => ({ key, label: shelfText(key), way: follow(to({ status: key, after: "" })) }))} />
      <ListView listed={listed} sentence={sentence}>
        {(page) => page.returns.length === 0 ? <Empty title={t.noReturns()} /> : (
          <ul class="queries">
            {page.returns.map((one) => (
              <li key={one.id}>
                <ReturnCard one={one} onDone={() => void listed.load()}>
                  <a class="row-link" {...follow(to({ order: one.order_id }))}>{one.order_number}</a> · <span dir="auto">{one.wholesaler_name}</span>
                </ReturnCard>
              </li>
            ))}
          </ul>
        )}
      </ListView>
      <Pager older={next ? follow(to({ after: next })) : null} first={after === "" ? null : follow(to({ after: "" }))} />
    </>
  );
}
