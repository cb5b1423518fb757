/** Paying for an order that is not paid: at first, again, or in another way. Reload and Back change nothing of it. */
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { countdown, money } from "../i18n/format.ts";
import { language } from "../i18n/language.ts";
import { orders as words } from "../i18n/orders.ts";
import { useAct } from "../lists/act.ts";
import { Empty, LoadFailed } from "../site/shell.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Reply } from "../wire/rest.ts";
import { myPayment, pay, type Payment, type PaymentAnswer, type PaymentMethod } from "./api.ts";
import { useHeard } from "./heard.ts";
import { Waiting } from "./list.tsx";
import { setOpened, wasOpened } from "./opened.ts";
import { isWaiting, stageOf, type Stage } from "./payment-stage.ts";
import { follow } from "./place.ts";
import { sentence } from "./refused.ts";
import { ids } from "./testids.ts";
import { Checking, Scan } from "./upi.tsx";
import { methodHint, methodText } from "./words.ts";

const ask_ms = 5_000;

export interface PayPart {
  payment: Payment;
  /** Shows what a call has answered. */
  put: (payment: Payment) => void;
  choose: () => void;
}

export function PayView({ order_id }: { order_id: string }) {
  const t = words.value;
  const asked = useAsked(order_id);
  const now_ms = useNow();
  const payment = asked.payment.value;
  const stage = payment === null ? null : stageOf(payment, payment.payment_id !== null && wasOpened(payment.payment_id), now_ms.value + asked.ahead_ms.value);
  const choosing = useSignal(false);
  asked.follow(stage !== null && isWaiting(stage));
  // Back from the bank's app, or another tab.
  useHeard(order_id, () => void asked.load());
  return (
    <div class="orders-narrow">
      <a class="back-link" {...follow({})}><Icon name="back" />{t.toOrder()}</a>
      {asked.refusal.value && payment === null ? <LoadFailed text={sentence(asked.refusal.value)} onRetry={() => void asked.load()} /> : null}
      {payment === null ? (asked.refusal.value ? null : <Waiting />) : (
        <>
          <div class="order-head"><h1>{t.payTitle({ number: payment.order_number })}</h1></div>
          <div class="pay-stage" data-testid={ids.stage} data-stage={choosing.value ? "choose" : stage}>
            <Left payment={payment} stage={stage!} left_ms={(payment.pay_until_ms ?? 0) - now_ms.value - asked.ahead_ms.value} />
            <At stage={choosing.value && stage !== "paid" && stage !== "over" ? "choose" : stage!}
              part={{ payment, put: (next) => { choosing.value = false; asked.put(next); }, choose: () => { choosing.value = true; } }} />
          </div>
        </>
      )}
    </div>
  );
}

function Left({ payment, stage, left_ms }: { payment: Payment; stage: Stage; left_ms: number }) {
  if (payment.pay_until_ms === null || left_ms <= 0 || !["choose", "preparing", "scan", "leave"].includes(stage)) return null;
  return <p class="pay-left"><span>{words.value.timeLeft()}</span><strong data-testid={ids.countdown} role="timer">{countdown(left_ms)}</strong></p>;
}

function At({ stage, part }: { stage: Stage; part: PayPart }) {
  const t = words.value;
  const toOrder = <a class="button button-primary" {...follow({})}>{t.toOrder()}</a>;
  switch (stage) {
    case "choose":
      return <Choose part={part} />;
    case "preparing":
      return <p class="panel working" role="status"><span class="spinner" />{t.preparing()}</p>;
    case "scan":
      return <Scan part={part} />;
    case "checking":
      return <Checking part={part} />;
    case "leave":
      return <Leave part={part} />;
    case "paid":
      return <Empty title={t.paidTitle()} text={t.paidText()}>{toOrder}</Empty>;
    case "cash":
      return <Empty title={t.cashTitle()} text={t.cashText({ amount: part.payment.amount_minor })}>{toOrder}</Empty>;
    case "over":
      return <Empty title={t.overTitle()} text={t.overText()}>{toOrder}</Empty>;
  }
}

/** Those that this page can carry out. */
const possible: readonly PaymentMethod[] = ["upi", "stripe", "razorpay", "test", "cod"];

function Choose({ part: { payment, put } }: { part: PayPart }) {
  const t = words.value;
  const methods = possible.filter((method) => payment.methods.includes(method));
  const chosen = useSignal<PaymentMethod | null>(methods[0] ?? null);
  const act = useAct();
  async function go(): Promise<void> {
    const method = chosen.value;
    if (method === null) return;
    const answer = await act.run(() => pay(payment.order_id, method));
    if (answer) put(answer.payment);
  }
  return (
    <form class="panel form" onSubmit={(event) => { event.preventDefault(); void go(); }}>
      {payment.status === "failed" ? <p class="callout callout-bad" role="alert">{t.paymentFailed()}</p> : null}
      <fieldset class="choices">
        <legend>{t.choose()}</legend>
        {methods.map((method) => (
          <label key={method} class="choice">
            <input type="radio" name="method" value={method} checked={chosen.value === method} data-testid={ids.method(method)} onChange={() => { chosen.value = method; }} />
            <span><b>{methodText(t, method)}</b><small>{methodHint(t, method)}</small></span>
          </label>
        ))}
      </fieldset>
      {act.refusal.value ? <p class="callout callout-bad" role="alert" data-testid="refusal">{sentence(act.refusal.value)}</p> : null}
      <button type="submit" class="button button-primary" data-testid={ids.choose} disabled={chosen.value === null} aria-disabled={act.working.value}>
        {act.working.value ? t.working() : chosen.value === "cod" ? t.chooseCash() : t.chooseAction({ amount: payment.amount_minor })}
      </button>
    </form>
  );
}

/** The provider's page: behind a link, or it takes a form that the browser posts itself. */
function Leave({ part: { payment, choose } }: { part: PayPart }) {
  const t = words.value;
  const left = () => setOpened(payment.payment_id ?? "", true);
  const inside = (
    <>
      <p><strong class="pay-amount">{money(language.value, payment.amount_minor)}</strong></p>
      <p class="quiet">{t.leaveText()}</p>
      {payment.stripe
        ? <a class="button button-primary" href={payment.stripe.redirect_url} data-testid={ids.leave} onClick={left}>{t.leaveCard()}</a>
        : <button type="submit" class="button button-primary" data-testid={ids.leave}>{t.leaveAction()}</button>}
      <button type="button" class="link-button" onClick={choose}>{t.otherMethod()}</button>
    </>
  );
  if (!payment.razorpay) return <section class="panel form">{inside}</section>;
  // Noted once the browser has taken the form: the wait is shown in its place, and a form that is gone is not posted.
  return (
    <form class="panel form" method="post" action={payment.razorpay.action} onSubmit={() => setTimeout(left)}>
      {Object.entries(payment.razorpay.fields).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
      {inside}
    </form>
  );
}

interface Asked {
  payment: ReadonlySignal<Payment | null>;
  refusal: ReadonlySignal<{ code: string; message: string } | null>;
  /** By how much the server's clock is ahead of this device's. */
  ahead_ms: ReadonlySignal<number>;
  load: () => Promise<void>;
  put: (payment: Payment) => void;
  /** Whether to ask again and again. */
  follow: (wanted: boolean) => void;
}

function useAsked(order_id: string): Asked {
  const payment = useSignal<Payment | null>(null);
  const refusal = useSignal<{ code: string; message: string } | null>(null);
  const ahead_ms = useSignal(0);
  const wanted = useRef(true);
  const newest = useRef(0);
  const put = (next: Payment) => {
    newest.current += 1;
    payment.value = next;
    refusal.value = null;
    ahead_ms.value = next.server_time_ms - Date.now();
  };
  const load = async () => {
    const mine = (newest.current += 1);
    const answer: Reply<PaymentAnswer> = await myPayment(order_id);
    if (mine !== newest.current) return;
    if (answer.ok) put(answer.ok.payment);
    else refusal.value = answer.refused;
  };
  useEffect(() => {
    void load();
    const look = () => { if (document.visibilityState === "visible") void load(); };
    const timer = setInterval(() => { if (wanted.current && document.visibilityState === "visible") void load(); }, ask_ms);
    document.addEventListener("visibilitychange", look);
    addEventListener("pageshow", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("pageshow", look);
      newest.current += 1;
    };
  }, [order_id]);
  return { payment, refusal, ahead_ms, load, put, follow: (want) => { wanted.current = want; } };
}

function useNow(): ReadonlySignal<number> {
  const now_ms = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => { now_ms.value = Date.now(); }, 1_000);
    return () => clearInterval(timer);
  }, []);
  return now_ms;
}
