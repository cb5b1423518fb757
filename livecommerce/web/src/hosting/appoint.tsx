/** The three rights of a moderator, each given apart, in this live session or in all. */
import { useSignal } from "@preact/signals";
import { hosting as words } from "../i18n/hosting.ts";
import type { Store } from "../live/store.ts";
import type { Moderator } from "../wire/contract.gen.ts";
import * as acts from "./acts.ts";
import { hostingIds as ids } from "./testids.ts";

export type Right = Moderator["permissions"][number];
export const rights: readonly Right[] = ["moderate_chat", "pin_products", "see_orders"];

export function rightName(right: Right): string {
  const t = words.value;
  return { moderate_chat: t.rightChat(), pin_products: t.rightPin(), see_orders: t.rightOrders() }[right];
}

interface AppointProps {
  store: Store;
  person: acts.Person;
  /** The rights there are, when they are changed. */
  before?: Moderator;
  onDone: () => void;
  onBack: () => void;
}

export function Appoint({ store, person, before, onDone, onBack }: AppointProps) {
  const t = words.value;
  const chosen = useSignal<readonly Right[]>(before?.permissions ?? ["moderate_chat"]);
  const everywhere = useSignal(before?.everywhere ?? false);
  const hints: Record<Right, string> = { moderate_chat: t.rightChatHint(), pin_products: t.rightPinHint(), see_orders: t.rightOrdersHint() };
  const set = (right: Right, on: boolean) => { chosen.value = rights.filter((one) => (one === right ? on : chosen.value.includes(one))); };
  const appoint = async () => {
    if (await acts.appoint(store, person, chosen.value, everywhere.value)) onDone();
  };
  return (
    <div class="form">
      <fieldset class="choices">
        <legend>{t.appointTitle({ name: person.name })}</legend>
        {rights.map((right) => (
          <label key={right} class="choice">
            <input type="checkbox" data-testid={ids.right(right)} checked={chosen.value.includes(right)} onChange={(event) => set(right, event.currentTarget.checked)} />
            <span><b>{rightName(right)}</b><small>{hints[right]}</small></span>
          </label>
        ))}
      </fieldset>
      <label class="switch">
        <span><b>{t.everywhere()}</b><small>{t.everywhereHint()}</small></span>
        <input type="checkbox" role="switch" data-testid={ids.everywhere} checked={everywhere.value} onChange={(event) => { everywhere.value = event.currentTarget.checked; }} />
      </label>
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={onBack}>{t.notNow()}</button>
        <button type="button" class="button button-primary" data-testid={ids.appoint} disabled={chosen.value.length === 0} onClick={() => void appoint()}>{before ? t.saveRights() : t.appoint()}</button>
      </div>
    </div>
  );
}
