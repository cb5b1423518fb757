import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { QueryCategory } from "@/types/database";
import { help as words } from "../i18n/help.ts";
import type { Order } from "../wire/contract.gen.ts";
import { restAs } from "../wire/identity.ts";
import { newId } from "../wire/id.ts";
import type { Refusal } from "../wire/rest.ts";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import { longestMessage, longestSubject, openQuery, type NewQuery } from "./api.ts";
import { Attempts } from "./attempt.ts";
import { follow, go, list } from "./place.ts";
import { ids } from "./testids.ts";
import { categories, categoryText, sentence } from "./words.ts";

type Errors = Partial<Record<"subject" | "message", string>>;

/** about: the order that the query is about, or "". */
export function OpenForm({ about }: { about: string }) {
  const t = words.value;
  const order_id = /^[0-9a-f-]{36}$/i.test(about) ? about : null;
  const draft = useSignal<NewQuery>({ category: "order", order_id, subject: "", message: "" });
  const errors = useSignal<Errors>({});
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const attempts = useRef(new Attempts(newId));
  const form = useRef<HTMLFormElement | null>(null);
  const orders = useOrders();
  const change = (part: Partial<NewQuery>) => {
    draft.value = { ...draft.value, ...part };
    if (Object.keys(errors.value).length > 0) errors.value = wrong();
  };

  function wrong(): Errors {
    const { subject, message } = draft.value;
    const found: Errors = {};
    if (subject.trim() === "") found.subject = t.errSubject();
    else if (subject.trim().length > longestSubject) found.subject = t.errTooLong({ max: longestSubject });
    if (message.trim() === "") found.message = t.errMessage();
    else if (message.trim().length > longestMessage) found.message = t.errTooLong({ max: longestMessage });
    return found;
  }

  async function submit(): Promise<void> {
    errors.value = wrong();
    refusal.value = null;
    if (Object.keys(errors.value).length > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    working.value = true;
    const query = { ...draft.value, subject: draft.value.subject.trim(), message: draft.value.message.trim() };
    const answer = await openQuery(attempts.current.idOf(query), query);
    working.value = false;
    if (answer.refused) {
      refusal.value = answer.refused;
      return;
    }
    toast(t.received({ ticket: answer.ok.query.ticket_number }));
    go({ query: answer.ok.query.id, about: null }, true);
  }

  return (
    <div class="help-narrow">
      <a class="back-link" {...follow(list)}><Icon name="back" />{t.backToList()}</a>
      <h1>{t.newQuery()}</h1>
      <form ref={form} class="panel form" noValidate data-testid={ids.form} onSubmit={(event) => { event.preventDefault(); if (!working.value) void submit(); }}>
        <Field label={t.category()}>
          {(described) => (
            <select {...described} value={draft.value.category} data-testid={ids.field("category")} onChange={(event) => change({ category: event.currentTarget.value as QueryCategory })}>
              {categories.map((category) => <option key={category} value={category}>{categoryText(category)}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.order()}>
          {(described) => (
            <select {...described} value={draft.value.order_id ?? ""} data-testid={ids.field("order")} onChange={(event) => change({ order_id: event.currentTarget.value || null })}>
              <option value="">{t.noOrder()}</option>
              {orders.value.map((order) => <option key={order.id} value={order.id}>{t.orderOption({ number: order.order_number, items: order.items.map((item) => item.name).join(", ") })}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.subject()} hint={t.subjectHint()} error={errors.value.subject}>
          {(described) => <input {...described} value={draft.value.subject} dir="auto" data-testid={ids.field("subject")} onInput={(event) => change({ subject: event.currentTarget.value })} />}
        </Field>
        <Field label={t.message()} hint={t.messageHint()} error={errors.value.message}>
          {(described) => <textarea {...described} rows={6} value={draft.value.message} dir="auto" data-testid={ids.field("message")} onInput={(event) => change({ message: event.currentTarget.value })} />}
        </Field>
        {refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(refusal.value)}</p> : null}
        <p class="quiet">{t.promise()}</p>
        <button type="submit" class="button button-primary" data-testid={ids.field("submit")} aria-disabled={working.value}>{working.value ? t.sending() : t.submit()}</button>
      </form>
    </div>
  );
}

/** The orders to choose from; without them the form is as good, so a failure is silent. */
function useOrders() {
  const orders = useSignal<readonly Order[]>([]);
  useEffect(() => void restAs<{ orders: Order[] }>("/me/orders").then((answer) => { if (answer.ok) orders.value = answer.ok.orders; }), []);
  return orders;
}
