/** The fields of the product form, each at its value of the draft and its fault by path. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { business as words } from "../i18n/business.ts";
import { Field } from "../ui/field.tsx";
import type { Draft, Text } from "./draft.ts";
import { ids } from "./testids.ts";

export interface Form {
  draft: Signal<Draft>;
  errors: Signal<Readonly<Record<string, string>>>;
}

export function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <fieldset class="panel own-group">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

interface LineProps {
  form: Form;
  name: Text;
  /** Of its fault, where the server calls it otherwise. */
  path?: string;
  label: string;
  hint?: string;
  max?: number;
  rows?: number;
  /** What may be chosen; something else may be typed. */
  options?: readonly string[];
  optional?: boolean;
  wide?: boolean;
  rupees?: boolean;
  numeric?: boolean;
  lang?: string;
}

export function Line({ form, name, path = name, label, hint, max = 20, rows, options, optional = false, wide = false, rupees = false, numeric = false, lang }: LineProps) {
  const list = useId();
  const value = form.draft.value[name];
  const put = (text: string) => {
    form.draft.value = { ...form.draft.value, [name]: text };
    if (form.errors.value[path]) form.errors.value = Object.fromEntries(Object.entries(form.errors.value).filter(([key]) => key !== path));
  };
  const shared = { value, maxLength: max, lang, dir: numeric || rupees ? undefined : ("auto" as const), "data-testid": ids.field(name) };
  return (
    <Field label={label} hint={hint} error={form.errors.value[path]} class={wide ? "own-wide" : ""} {...(optional ? { optional: words.value.optional() } : {})}>
      {(described) => rows ? <textarea {...described} {...shared} rows={rows} onInput={(event) => put(event.currentTarget.value)} /> : (
        <span class={rupees ? "with-prefix" : undefined}>
          {rupees ? <span class="prefix" aria-hidden="true">₹</span> : null}
          <input {...described} {...shared} inputMode={rupees || numeric ? "decimal" : "text"} autocomplete="off" list={options ? list : undefined} onInput={(event) => put(event.currentTarget.value)} />
          {options ? <datalist id={list}>{options.map((option) => <option key={option} value={option} />)}</datalist> : null}
        </span>
      )}
    </Field>
  );
}

interface PickProps {
  label: string;
  hint?: string;
  error?: string | undefined;
  value: string;
  options: readonly (readonly [string, string])[];
  testid: string;
  onPick: (value: string) => void;
}

export function Pick({ label, hint, error, value, options, testid, onPick }: PickProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(described) => (
        <select {...described} value={value} data-testid={testid} onChange={(event) => onPick(event.currentTarget.value)}>
          {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
        </select>
      )}
    </Field>
  );
}
