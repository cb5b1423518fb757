/** The address book: which address is offered first, and which ones nobody needs any more. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { AddressForm } from "../buy/address-form.tsx";
import { emptyDraft, fromAddress, toAddress, wrongFields, type AddressField } from "../buy/address.ts";
import type { SavedAddress } from "../buy/book.ts";
import { inOneLine } from "../buy/one-line.ts";
import { bag as words } from "../i18n/bag.ts";
import { buy as buyWords } from "../i18n/buy.ts";
import { refusalText } from "../i18n/refusal.ts";
import { ids } from "../testids.ts";
import { newId } from "../wire/id.ts";
import { restAs } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";
import "../style/checkout.css";
import { LoadFailed } from "./shell.tsx";

interface Book {
  readonly addresses: readonly SavedAddress[];
}

/** waits: what stands above is not known yet, so this is loaded and not shown. */
export function Addresses({ name, waits }: { name: string; waits: boolean }) {
  const t = words.value;
  const saved = useSignal<readonly SavedAddress[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  /** What the form is for: a saved address, a new one, or none. */
  const editing = useSignal<SavedAddress | "new" | null>(null);
  const working = useSignal(false);

  async function ask(path: string, body?: unknown): Promise<void> {
    if (working.value) return;
    working.value = true;
    const answer = await restAs<Book>(path, body === undefined ? {} : { body });
    working.value = false;
    refusal.value = answer.refused ?? null;
    if (answer.ok) saved.value = answer.ok.addresses.filter((one) => one.id !== null);
  }
  useEffect(() => void ask("/addresses"), []);
  const form = (of: SavedAddress | null) => (
    <EditAddress key={of?.id ?? "new"} of={of} name={name} onClose={() => { editing.value = null; }} onDone={() => { editing.value = null; void ask("/addresses"); }} />
  );
  if (waits) return null;
  if (saved.value === null) return refusal.value ? <LoadFailed text={refusalText(refusal.value)} onRetry={() => void ask("/addresses")} /> : null;
  return (
    <section class="panel" aria-labelledby="addresses">
      <h2 id="addresses">{t.addresses()}</h2>
      {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
      {saved.value.length === 0 && editing.value === null ? <p class="quiet">{t.noAddresses()}</p> : null}
      <ul class="book">
        {saved.value.map((one) => (
          <li key={one.id} data-testid={ids.bookAddress} data-default={one.is_default}>
            {isSame(editing.value, one) ? form(one) : (
              <>
                <p dir="auto"><b>{one.label ?? one.address.name}</b>{one.is_default ? <span class="tag">{t.first()}</span> : null}<br />{inOneLine(one.address)}</p>
                <span class="book-actions">
                  {one.is_default ? null : (
                    <button type="button" class="link-button" onClick={() => void ask(`/addresses/${one.id}/default`, {})}>{t.makeFirst()}</button>
                  )}
                  <button type="button" class="link-button" data-testid={ids.editAddress} aria-label={t.editAddressOf({ address: inOneLine(one.address) })} onClick={() => { editing.value = one; }}>{t.editAddress()}</button>
                  <button type="button" class="link-button" aria-label={t.removeAddress({ address: inOneLine(one.address) })} onClick={() => void ask(`/addresses/${one.id}/remove`, {})}>{buyWords.value.couponRemove()}</button>
                </span>
              </>
            )}
          </li>
        ))}
      </ul>
      {editing.value === "new" ? form(null) : editing.value === null ? (
        <button type="button" class="button button-quiet" data-testid={ids.otherAddress} onClick={() => { editing.value = "new"; }}>{t.addAddress()}</button>
      ) : null}
    </section>
  );
}

const isSame = (editing: SavedAddress | "new" | null, one: SavedAddress) => editing !== null && editing !== "new" && editing.id === one.id;

interface EditProps {
  /** Null for a new one. */
  of: SavedAddress | null;
  /** Of the customer, for a new one. */
  name: string;
  onDone: () => void;
  onClose: () => void;
}

function EditAddress({ of, name, onDone, onClose }: EditProps) {
  const t = words.value;
  const draft = useSignal(of ? fromAddress(of.address) : { ...emptyDraft, name });
  const errors = useSignal<AddressField[]>([]);
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const save = async () => {
    errors.value = wrongFields(draft.value);
    if (errors.value.length > 0 || working.value) return;
    working.value = true;
    const address = toAddress(draft.value);
    const answer = of
      ? await restAs(`/addresses/${of.id}/change`, { body: { label: of.label, is_default: of.is_default, address } })
      : await restAs("/addresses", { body: { id: newId(), address } });
    working.value = false;
    if (!answer.refused) return onDone();
    const fields = Object.keys((answer.refused.details?.fields as object | undefined) ?? {}) as AddressField[];
    errors.value = fields;
    refusal.value = fields.length > 0 ? null : answer.refused;
  };
  return (
    <div class="form">
      {refusal.value ? <p class="callout callout-bad" role="alert">{refusalText(refusal.value)}</p> : null}
      <AddressForm id="edit-address" draft={draft} errors={errors} onSubmit={() => void save()} />
      <div class="actions">
        <button type="submit" form="edit-address" class="button button-primary" aria-disabled={working.value} data-testid={ids.useAddress}>{t.saveAddress()}</button>
        <button type="button" class="button button-quiet" onClick={onClose}>{t.leaveAddress()}</button>
      </div>
    </div>
  );
}
