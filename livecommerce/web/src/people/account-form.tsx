/** Sign up or log in, wherever it is needed: in a sheet over the video, at the studio's door, on its own page. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { people as words } from "../i18n/people.ts";
import { refusalText } from "../i18n/refusal.ts";
import { ids } from "../testids.ts";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { logIn, signUp, type Person, type SignUp } from "../wire/identity.ts";
import type { Refusal } from "../wire/rest.ts";

interface AccountFormProps {
  onDone: (person: Person) => void;
  /** Offer the choice of role at sign-up; otherwise a customer account is made. */
  withRole?: boolean;
  role?: NonNullable<SignUp["role"]>;
  mode?: "sign-up" | "log-in";
}

const shortestPassword = 8;
type FieldName = "name" | "email" | "password";

export function AccountForm({ onDone, withRole = false, role: firstRole = "customer", mode: firstMode = "sign-up" }: AccountFormProps) {
  const t = words.value;
  const mode = useSignal(firstMode);
  const role = useSignal(firstRole);
  const values = useSignal({ name: "", email: "", password: "" });
  const errors = useSignal<Partial<Record<FieldName, string>>>({});
  const refusal = useSignal<Refusal | null>(null);
  const working = useSignal(false);
  const shown = useSignal(false);
  const form = useRef<HTMLFormElement | null>(null);
  const isNew = mode.value === "sign-up";

  function wrong(): Partial<Record<FieldName, string>> {
    const { name, email, password } = values.value;
    const found: Partial<Record<FieldName, string>> = {};
    if (isNew && name.trim() === "") found.name = t.errorName();
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim())) found.email = t.errorEmail();
    if (isNew && password.length < shortestPassword) found.password = t.errorPassword({ min: shortestPassword });
    if (!isNew && password === "") found.password = t.errorPasswordEmpty();
    return found;
  }

  async function submit(): Promise<void> {
    errors.value = wrong();
    refusal.value = null;
    if (Object.keys(errors.value).length > 0) {
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
      return;
    }
    working.value = true;
    const { name, email, password } = values.value;
    const answer = isNew
      ? await signUp({ email: email.trim(), password, display_name: name.trim(), role: role.value })
      : await logIn(email.trim(), password);
    working.value = false;
    if (answer.ok) onDone(answer.ok);
    else refusal.value = answer.refused;
  }

  const input = (field: FieldName) => ({
    value: values.value[field],
    required: true,
    onInput: (event: { currentTarget: HTMLInputElement }) => {
      values.value = { ...values.value, [field]: event.currentTarget.value };
      if (errors.value[field]) errors.value = wrong();
    },
    "data-testid": ids.account(field),
  });

  return (
    <form ref={form} class="form account-form" data-testid={ids.accountForm} data-mode={mode.value} noValidate
      onSubmit={(event) => { event.preventDefault(); if (!working.value) void submit(); }}>
      <div class="segments" role="group" data-testid={ids.account("mode")}>
        <button type="button" aria-pressed={isNew} onClick={() => { mode.value = "sign-up"; errors.value = {}; }}>{t.needAccount()}</button>
        <button type="button" aria-pressed={!isNew} onClick={() => { mode.value = "log-in"; errors.value = {}; }}>{t.haveAccount()}</button>
      </div>
      {isNew && withRole ? <RoleChoice role={role} /> : null}
      {isNew ? (
        <Field label={t.name()} hint={t.nameHint()} error={errors.value.name}>
          {(described) => <input {...described} {...input("name")} type="text" autocomplete="name" maxLength={60} dir="auto" />}
        </Field>
      ) : null}
      <Field label={t.email()} error={errors.value.email}>
        {(described) => <input {...described} {...input("email")} type="email" inputMode="email" autocomplete="email" autocapitalize="none" spellcheck={false} />}
      </Field>
      <Field label={t.password()} hint={isNew ? t.passwordHint({ min: shortestPassword }) : undefined} error={errors.value.password}>
        {(described) => (
          <span class="with-button">
            <input {...described} {...input("password")} {...kind(shown.value)} autocomplete={isNew ? "new-password" : "current-password"} />
            <button type="button" class="icon-button" aria-label={shown.value ? t.hidePassword() : t.showPassword()} aria-pressed={shown.value}
              onClick={() => { shown.value = !shown.value; }}><Icon name="eye" /></button>
          </span>
        )}
      </Field>
      {refusal.value ? (
        <p class="callout callout-bad" role="alert" data-testid={ids.refusal}>
          {sentence(refusal.value)}
          {refusal.value.code === "auth.email_taken" ? (
            <button type="button" class="link-button" onClick={() => { mode.value = "log-in"; refusal.value = null; }}>{t.logInAction()}</button>
          ) : null}
        </p>
      ) : null}
      <button type="submit" class="button button-primary button-wide" data-testid={ids.account("submit")} aria-disabled={working.value}>
        {working.value ? t.working() : isNew ? t.signUpAction() : t.logInAction()}
      </button>
    </form>
  );
}

/** The types of JSX tie an input's attributes to one literal type; a shown password is a text input otherwise alike. */
const kind = (shown: boolean) => ({ type: shown ? "text" : "password" }) as { type: "password" };

function RoleChoice({ role }: { role: { value: NonNullable<SignUp["role"]> } }) {
  const t = words.value;
  const choices = [
    ["customer", t.roleCustomer(), t.roleCustomerHint()],
    ["influencer", t.roleInfluencer(), t.roleInfluencerHint()],
    ["wholesaler", t.roleWholesaler(), t.roleWholesalerHint()],
  ] as const;
  return (
    <fieldset class="choices">
      <legend>{t.role()}</legend>
      {choices.map(([value, label, hint]) => (
        <label key={value} class="choice">
          <input type="radio" name="role" value={value} checked={role.value === value} data-testid={ids.role(value)}
            onChange={() => { role.value = value; }} />
          <span><b>{label}</b><small>{hint}</small></span>
        </label>
      ))}
    </fieldset>
  );
}

function sentence(refusal: Refusal): string {
  const t = words.value;
  switch (refusal.code) {
    case "auth.email_taken":
      return t.emailTaken();
    case "auth.wrong_credentials":
      return t.credentials();
    case "auth.email_invalid":
      return t.errorEmail();
    case "auth.display_name_invalid":
      return t.errorName();
    case "auth.password_too_short":
      return t.errorPassword({ min: shortestPassword });
    default:
      return refusalText(refusal);
  }
}
