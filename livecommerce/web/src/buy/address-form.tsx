import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { buy as words } from "../i18n/buy.ts";
import { ids } from "../testids.ts";
import { Field } from "../ui/field.tsx";
import { isPin, stateOfPin, states, wrongFields, type AddressDraft, type AddressField } from "./address.ts";

interface AddressFormProps {
  id: string;
  draft: Signal<AddressDraft>;
  /** Fields that are wrong; shown from the first attempt on. */
  errors: Signal<AddressField[]>;
  onSubmit: () => void;
}

const autofill: Record<AddressField, string> = {
  name: "shipping name", phone: "shipping tel-national", postal_code: "shipping postal-code", line1: "shipping address-line1",
  line2: "shipping address-line2", landmark: "off", city: "shipping address-level2", state: "shipping address-level1",
};

export function AddressForm({ id, draft, errors, onSubmit }: AddressFormProps) {
  const t = words.value;
  const form = useRef<HTMLFormElement | null>(null);
  const sentences: Record<AddressField, string> = {
    name: t.errName(), phone: t.errPhone(), postal_code: isPin(draft.value.postal_code) && draft.value.state !== "" ? t.errPinState({ state: draft.value.state }) : t.errPin(), line1: t.errLine1(), line2: t.errLong(), landmark: t.errLong(),
    city: t.errCity(), state: t.errState(),
  };
  const labels: Record<AddressField, string> = {
    name: t.name(), phone: t.phone(), postal_code: t.pin(), line1: t.line1(), line2: t.line2(), landmark: t.landmark(), city: t.city(), state: t.state(),
  };

  useEffect(() => {
    if (errors.value.length > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors.value.length]);

  function type(field: AddressField, value: string): void {
    const next = { ...draft.value, [field]: value };
    const state = field === "postal_code" && next.state === "" ? stateOfPin(value) : null;
    draft.value = state ? { ...next, state } : next;
    const mended = errors.value.filter((other) => (other !== field && other !== "state") || wrongFields(draft.value).includes(other));
    if (mended.length < errors.value.length) errors.value = mended;
  }
  const leave = (field: AddressField) => {
    if (draft.value[field] !== "" && wrongFields(draft.value).includes(field) && !errors.value.includes(field)) errors.value = [...errors.value, field];
  };
  const text = (field: AddressField, attributes: Record<string, unknown> = {}, extra = "") => (
    <Field label={labels[field]} error={errors.value.includes(field) ? sentences[field] : undefined} class={extra}
      {...(field === "line2" || field === "landmark" ? { optional: t.optional() } : {})}>
      {(described) => (
        <input {...described} {...attributes} value={draft.value[field]} autocomplete={autofill[field]} maxLength={200} data-testid={ids.address(field)}
          onInput={(event) => type(field, event.currentTarget.value)} onBlur={() => leave(field)} />
      )}
    </Field>
  );

  return (
    <form id={id} ref={form} class="form address-form" noValidate onSubmit={(event) => { event.preventDefault(); onSubmit(); }}>
      {text("name", { dir: "auto" }, "wide")}
      <Field label={labels.phone} error={errors.value.includes("phone") ? sentences.phone : undefined}>
        {(described) => (
          <span class="with-prefix">
            <span aria-hidden="true">+91</span>
            <input {...described} type="tel" inputMode="numeric" autocomplete={autofill.phone} value={draft.value.phone} data-testid={ids.address("phone")}
              onInput={(event) => type("phone", event.currentTarget.value)} onBlur={() => leave("phone")} />
          </span>
        )}
      </Field>
      {text("postal_code", { inputMode: "numeric" })}
      {text("line1", { dir: "auto" }, "wide")}
      {text("line2", { dir: "auto" })}
      {text("landmark", { dir: "auto" })}
      {text("city", { dir: "auto" })}
      <Field label={labels.state} error={errors.value.includes("state") ? sentences.state : undefined}>
        {(described) => (
          <select {...described} autocomplete={autofill.state} value={draft.value.state} data-testid={ids.address("state")}
            onChange={(event) => type("state", event.currentTarget.value)}>
            <option value="">{t.chooseState()}</option>
            {states.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        )}
      </Field>
    </form>
  );
}
