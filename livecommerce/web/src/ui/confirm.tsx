/** A question before something that cannot be taken back; the safe button has the focus, Escape is it too. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface ConfirmProps {
  title: string;
  text: string;
  keep: string;
  action: string;
  testid: string;
  danger?: boolean;
  busy: boolean;
  onClose: () => void;
  onConfirm: () => void;
  children?: ComponentChildren;
}

export function Confirm({ title, text, keep, action, testid, danger = false, busy, onClose, onConfirm, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement | null>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      <p>{text}</p>
      {children}
      <div class="actions">
        <button type="button" class="button button-quiet" autofocus onClick={() => dialog.current?.close()}>{keep}</button>
        <button type="button" class={`button ${danger ? "button-danger" : "button-primary"}`} data-testid={testid} aria-disabled={busy}
          onClick={() => { if (!busy) onConfirm(); }}>{action}</button>
      </div>
    </dialog>
  );
}
