/** The influencer's own list of words that are not wanted, in all her live sessions. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { hosting as catalogue } from "../i18n/hosting.ts";
import type { Store } from "../live/store.ts";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import type { Payload } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";
import { hostingRefusal } from "./acts.ts";
import { peopleAfter } from "./people-state.ts";
import { hostingIds as ids } from "./testids.ts";

export function Words({ store }: { store: Store }) {
  const t = catalogue.value;
  const terms = useSignal<readonly string[] | null>(null);
  const trouble = useSignal<Refusal | null>(null);
  const text = useSignal("");
  const fault = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);

  const load = async () => {
    trouble.value = null;
    const answer = await store.connection.call("people.list", { live_session_id: store.id });
    if (answer.ok) terms.value = answer.ok.terms;
    else trouble.value = answer.refused;
  };
  useEffect(() => {
    void load();
    // What others who look after the chat add and remove meanwhile.
    return store.onEvent((event) => {
      if (event.name === "snapshot") void load();
      else if (terms.value !== null) ({ terms: terms.value } = peopleAfter({ members: [], moderators: [], terms: terms.value }, event));
    });
  }, [store]);

  const change = async (wanted: Pick<Payload<"filter.change">, "add" | "remove">): Promise<Refusal | null> => {
    if (busy.value) return null;
    busy.value = true;
    const answer = await store.connection.call("filter.change", { live_session_id: store.id, ...wanted });
    busy.value = false;
    if (answer.ok) terms.value = answer.ok.terms;
    return answer.refused ?? null;
  };
  const add = async () => {
    const wanted = text.value.split(/[,\n]/).map((one) => one.trim()).filter((one) => one !== "");
    if (wanted.length === 0 || wanted.some((one) => one.length < 2 || one.length > 60)) {
      fault.value = t.wordsInvalid();
      return;
    }
    const refused = await change({ add: wanted });
    fault.value = refused ? hostingRefusal(refused) : undefined;
    if (!refused) text.value = "";
  };
  const remove = async (term: string) => {
    const refused = await change({ remove: [term] });
    if (refused) toast(hostingRefusal(refused));
    else toast(t.wordRemoved({ word: term }), { label: t.undo(), run: () => void change({ add: [term] }) });
  };
  return (
    <div class="form">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void add(); }}>
        <Field label={t.wordNew()} hint={t.wordHint()} error={fault.value}>
          {(attributes) => (
            <span class="with-button">
              <input {...attributes} type="text" dir="auto" autocomplete="off" autocapitalize="off" spellcheck={false} data-testid={ids.wordText} value={text.value}
                onInput={(event) => { text.value = event.currentTarget.value; fault.value = undefined; }} />
              <button type="submit" class="icon-button" data-testid={ids.wordAdd} aria-label={t.wordAdd()}><Icon name="plus" /></button>
            </span>
          )}
        </Field>
      </form>
      {trouble.value ? <Trouble refusal={trouble.value} onAgain={() => void load()} /> : terms.value === null ? <p class="empty">{common.value.loading()}</p>
        : terms.value.length === 0 ? <p class="empty">{t.noWords()}</p> : (
          <ul class="word-list" aria-label={t.words()}>
            {terms.value.map((term) => (
              <li key={term} data-testid={ids.word}><bdi>{term}</bdi>
                <button type="button" class="icon-button" aria-label={t.wordRemove({ word: term })} onClick={() => void remove(term)}><Icon name="close" /></button></li>
            ))}
          </ul>
        )}
    </div>
  );
}

export function Trouble({ refusal, onAgain }: { refusal: Refusal; onAgain: () => void }) {
  return (
    <p class="callout callout-bad" role="alert"><span>{hostingRefusal(refusal)}</span>
      <button type="button" class="button button-quiet button-small" onClick={onAgain}>{common.value.retry()}</button></p>
  );
}
