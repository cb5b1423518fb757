/**
 * A sheet over live video: bottom sheet on a phone held upright, side panel elsewhere.
 *
 * Opened with dialog.show(), not showModal(): the top layer would make the playing video's status lines inert
 * and unannounced. What must not be reached meanwhile is made inert by the page. Escape, the Back button and the
 * scrim close it; focus goes to its heading and afterwards back to what opened it, or, when that has gone, to the
 * element marked data-focus-home.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { Icon } from "./icon.tsx";

interface SheetProps {
  title: string;
  testid?: string;
  onClose: () => void;
  /** Stays visible below the scrolling part. */
  footer?: ComponentChildren;
  children: ComponentChildren;
}

/** What had the focus before: by the time a sheet's chunk has come, the page behind it is inert and holds none. */
let lastOutside: HTMLElement | null = null;
document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && target.closest("dialog") === null) lastOutside = target;
});

export function Sheet({ title, testid, onClose, footer, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement | null>(null);
  const heading = useRef<HTMLHeadingElement | null>(null);
  const body = useRef<HTMLDivElement | null>(null);
  const headingId = useId();
  const close = useRef(onClose);
  close.current = onClose;

  useEffect(() => {
    const opener = lastOutside;
    dialog.current?.show();
    heading.current?.focus({ preventScroll: true });
    return () => {
      const home = opener?.isConnected ? opener : document.querySelector<HTMLElement>("[data-focus-home]");
      // After this commit, when the controls are no longer inert.
      setTimeout(() => home?.focus({ preventScroll: true }));
    };
  }, []);

  useEffect(() => closeOnBack(() => close.current()), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => { if (event.key === "Escape") close.current(); };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  // A pressed button that has gone, with the refusal it belonged to, leaves no hole for the keyboard.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  });

  // The next step of the same sheet begins at its heading too.
  const firstTitle = useRef(title);
  useEffect(() => {
    if (title !== firstTitle.current) {
      heading.current?.focus({ preventScroll: true });
      body.current?.scrollTo(0, 0);
    }
    firstTitle.current = title;
  }, [title]);

  return (
    <>
      <div class="sheet-scrim" onClick={onClose} aria-hidden="true" />
      <dialog ref={dialog} class="sheet" aria-labelledby={headingId} data-testid={testid}>
        <header class="sheet-head">
          <h2 id={headingId} ref={heading} tabIndex={-1}>{title}</h2>
          <button type="button" class="icon-button" onClick={onClose} aria-label={common.value.close()}><Icon name="close" /></button>
        </header>
        <div ref={body} class="sheet-body">{children}</div>
        {footer ? <footer class="sheet-foot">{footer}</footer> : null}
      </dialog>
    </>
  );
}

/**
 * One history entry while any sheet is open, so that Back closes the sheet and not the page. A sheet that takes
 * the place of another takes over its entry: hence the short wait before the entry is given back, and the wait for
 * a return under way, which would otherwise remove the entry just made.
 */
const mark = `sheet-${performance.now()}`;
let giveBack: ReturnType<typeof setTimeout> | undefined;
let returning: Promise<void> = Promise.resolve();

function closeOnBack(close: () => void): () => void {
  clearTimeout(giveBack);
  let open = true;
  void returning.then(() => {
    if (open && history.state?.sheet !== mark) history.pushState({ ...history.state, sheet: mark }, "");
  });
  const onBack = () => {
    if (history.state?.sheet !== mark) close();
  };
  addEventListener("popstate", onBack);
  return () => {
    open = false;
    removeEventListener("popstate", onBack);
    clearTimeout(giveBack);
    giveBack = setTimeout(() => {
      if (history.state?.sheet !== mark) return;
      returning = new Promise((resolve) => addEventListener("popstate", () => resolve(), { once: true }));
      history.back();
    }, 50);
  };
}
