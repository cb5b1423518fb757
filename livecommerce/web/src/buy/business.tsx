/** Buying for a business: its GSTIN, folded until somebody asks for it, used only while the field is open. */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { buy as words } from "../i18n/buy.ts";
import { ids } from "../testids.ts";
import { Field } from "../ui/field.tsx";
import { gstinFault, spelled, type GstinFault } from "./gstin.ts";

export interface Business {
  /** What is typed; null while the buyer buys for themselves. */
  typed: Signal<string | null>;
  fault: Signal<GstinFault | null>;
  /** Whether the fault is to be looked at now: an order waits for it. */
  isDue: Signal<boolean>;
}

const memory = "lc-gstin";

export function useBusiness(): Business {
  return { typed: useSignal<string | null>(null), fault: useSignal<GstinFault | null>(null), isDue: useSignal(false) };
}

/** For the order: the GSTIN, null for none, and undefined when it has to be put right first. */
export function gstinOf({ typed, fault, isDue }: Business): string | null | undefined {
  if (typed.value === null || typed.value.trim() === "") return null;
  fault.value = gstinFault(typed.value);
  isDue.value = fault.value !== null;
  return fault.value === null ? spelled(typed.value) : undefined;
}

export function gstinText(fault: GstinFault, typed: string): string {
  const t = words.value;
  const texts: Record<GstinFault, () => string> = {
    "gst.malformed": t.errGstin, "gst.check_digit": t.errGstinCheck,
    "gst.state_unknown": () => t.errGstinState({ code: spelled(typed).slice(0, 2) }),
  };
  return (texts[fault] ?? t.errGstin)();
}

export function ForBusiness({ business: { typed, fault, isDue }, who }: { business: Business; who: string }) {
  const t = words.value;
  const next = useRef<HTMLElement | null>(null);
  const pressed = useRef(false);
  // What was pressed is gone: the keyboard goes on with what has come in its place.
  useEffect(() => {
    if (!pressed.current && !isDue.value) return;
    pressed.current = false;
    isDue.value = false;
    next.current?.focus();
  }, [typed.value === null, isDue.value]);
  if (typed.value === null) {
    const open = () => {
      pressed.current = true;
      typed.value = rememberedGstin(who);
    };
    return <button ref={(it) => { if (it) next.current = it; }} type="button" class="link-button coupon-open" data-testid={ids.businessOpen} onClick={open}>{t.business()}</button>;
  }
  const text = typed.value;
  return (
    <div class="for-business">
      <Field label={t.gstin()} hint={t.gstinHint()} error={fault.value ? gstinText(fault.value, text) : undefined}>
        {(described) => (
          <input {...described} ref={(it) => { if (it) next.current = it; }} value={text} autocapitalize="characters" autocomplete="off" spellcheck={false} maxLength={24} data-testid={ids.gstin}
            onInput={(event) => {
              typed.value = event.currentTarget.value.toUpperCase();
              if (fault.value !== null) fault.value = gstinFault(typed.value);
            }}
            onBlur={() => { if (text.trim() !== "") fault.value = gstinFault(text); }} />
        )}
      </Field>
      <button type="button" class="link-button" data-testid={ids.businessClose} onClick={() => { pressed.current = true; typed.value = null; fault.value = null; }}>{t.businessOff()}</button>
    </div>
  );
}

/** Known to this device, and offered only to whom it belongs. */
export function rememberGstin(who: string, gstin: string): void {
  try {
    localStorage.setItem(memory, JSON.stringify({ who, gstin }));
  } catch {
    // Without storage it is typed again.
  }
}

function rememberedGstin(who: string): string {
  try {
    const kept = JSON.parse(localStorage.getItem(memory) ?? "null") as { who?: unknown; gstin?: unknown } | null;
    return kept?.who === who && typeof kept.gstin === "string" ? kept.gstin : "";
  } catch {
    return "";
  }
}
