/** One short message at a time, spoken politely, gone by itself; with at most one action. */
import { signal } from "@preact/signals";

interface Toast {
  text: string;
  action?: { label: string; run: () => void };
}

const current = signal<Toast | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(text: string, action?: Toast["action"]): void {
  current.value = action ? { text, action } : { text };
  leaveIn(action ? 8_000 : 4_000);
}

function leaveIn(wait_ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => { current.value = null; }, wait_ms);
}

/** Whoever points at it or has reached its button has all the time. */
const stay = { onPointerEnter: () => clearTimeout(timer), onPointerLeave: () => leaveIn(4_000), onFocusIn: () => clearTimeout(timer), onFocusOut: () => leaveIn(4_000) };

/** Take away what is shown, when the moment it was about has passed. */
export function clearToast(): void {
  clearTimeout(timer);
  current.value = null;
}

export function Toasts() {
  const shown = current.value;
  return (
    <div class="toasts" role="status">
      {shown ? (
        <div class="toast" {...stay}>
          <span>{shown.text}</span>
          {shown.action ? (
            <button type="button" class="link-button" onClick={() => { const { run } = shown.action!; current.value = null; run(); }}>
              {shown.action.label}
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
