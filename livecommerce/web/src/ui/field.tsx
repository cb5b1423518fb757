/** A labelled input: label above, hint and error below, tied together for assistive technology. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  label: string;
  error?: string | undefined;
  hint?: string | undefined;
  /** The word that marks a field which may stay empty. */
  optional?: string;
  class?: string;
  /** Draws the control; `described` goes into its attributes. */
  children: (described: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean }) => ComponentChildren;
}

export function Field({ label, error, hint, optional, class: extra, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div class={`field ${error ? "field-wrong" : ""} ${extra ?? ""}`}>
      <label for={id}>{label}{optional ? <span class="field-optional"> · {optional}</span> : null}</label>
      {children({ id, "aria-describedby": note ? `${id}-note` : undefined, "aria-invalid": Boolean(error) })}
      {note ? <p id={`${id}-note`} class={error ? "field-error" : "field-hint"}>{note}</p> : null}
    </div>
  );
}
