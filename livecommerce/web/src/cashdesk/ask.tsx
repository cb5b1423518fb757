/** A question that needs one text, a reference or a reason, before something about money is done. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { cashdesk as words } from "../i18n/cashdesk.ts";
import { useAct } from "../lists/act.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Field } from "../ui/field.tsx";
import type { Reply } from "../wire/rest.ts";
import { ids } from "./testids.ts";
import { sentence } from "./words.ts";

interface AskProps {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
  /** Absent: nothing to fill in. */
  field?: { label: string; hint?: string; missing: string; longest?: number; isOptional?: boolean };
  onSend: (text: string) => Promise<Reply<unknown>>;
  /** Also when a refusal says that the page is out of date. */
  onDone: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

export function Ask({ title, text, action, danger = false, field, onSend, onDone, onClose, children }: AskProps) {
  const t = words.value;
  const typed = useSignal("");
  const error = useSignal<string | undefined>(undefined);
  const act = useAct();
  const input = useRef<HTMLInputElement | null>(null);
  const send = async () => {
    const given = typed.value.trim();
    if (field && !field.isOptional && given === "") {
      error.value = field.missing;
      return input.current?.focus();
    }
    if (await act.run(() => onSend(given))) onDone();
  };
  return (
    <Confirm title={title} text={text} keep={t.keep()} action={action} danger={danger} busy={act.working.value} testid={field ? ids.confirm : ids.confirmStep} onClose={onClose} onConfirm={() => void send()}>
      {children}
      {field ? (
        <Field label={field.label} hint={field.hint} error={error.value} {...(field.isOptional ? { optional: t.optional() } : {})}>
          {(described) => (
            <input ref={input} {...described} value={typed.value} maxLength={field.longest ?? 100} autocomplete="off" spellcheck={false} data-testid={ids.text}
              onInput={(event) => { typed.value = event.currentTarget.value; error.value = undefined; }} />
          )}
        </Field>
      ) : null}
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
    </Confirm>
  );
}
