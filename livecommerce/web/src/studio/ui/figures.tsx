import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { clockTime, number } from "../../i18n/format.ts";
import { figures as words } from "../../i18n/figures.ts";
import { language } from "../../i18n/language.ts";
import { refusalText } from "../../i18n/refusal.ts";
import { studio } from "../../i18n/studio.ts";
import { Empty, LoadFailed } from "../../site/shell.tsx";
import { Icon } from "../../ui/icon.tsx";
import { productText } from "../../wire/product-text.ts";
import type { Refusal } from "../../wire/rest.ts";
import { ownLiveSessions } from "../api.ts";
import { figuresOf, type LiveSessionFigures, type WayToOrder } from "../figures-api.ts";
import { bars } from "../minutes.ts";
import { go } from "../route.ts";
import { figureIds } from "../testids.ts";

const mostBars = 60;
/** So that one minute is a bar and not a wall. */
const leastRoom = 30;

/** Who watched a live session, how long, and what became of each product that was shown. */
export function Figures({ id }: { id: string }) {
  const t = words.value;
  const counted = useSignal<LiveSessionFigures | null>(null);
  const title = useSignal("");
  const refusal = useSignal<Refusal | null>(null);
  const load = async () => {
    const [answer, own] = await Promise.all([figuresOf(id), ownLiveSessions()]);
    counted.value = answer.ok ?? null;
    title.value = own.ok?.live_sessions.find((one) => one.id === id)?.title ?? "";
    refusal.value = answer.refused ?? null;
  };
  useEffect(() => void load(), []);
  const found = counted.value;
  return (
    <>
      <div class="page-head">
        <h1 dir="auto">{title.value ? t.of({ title: title.value }) : t.title()}</h1>
        <div class="actions">
          <button type="button" class="button button-quiet" onClick={() => go({ view: "list" })}><Icon name="back" />{studio.value.backToList()}</button>
        </div>
      </div>
      {refusal.value ? <LoadFailed text={`${t.loadFailed()} ${refusalText(refusal.value)}`} onRetry={() => void load()} /> : null}
      {found && found.minutes.length === 0 && found.joins === 0 ? <Empty title={t.none()} text={t.noneText()} /> : null}
      {found && (found.minutes.length > 0 || found.joins > 0) ? (
        <>
          <Totals of={found} />
          <ByMinute of={found} />
          <Way products={found.products} />
        </>
      ) : null}
    </>
  );
}

function Totals({ of }: { of: LiveSessionFigures }) {
  const t = words.value;
  const n = (value: number) => number(language.value, value);
  const figures: [key: string, label: string, value: string][] = [
    ["viewers", t.viewers(), n(of.viewers)],
    ["unique", t.unique(), n(of.unique_viewers)],
    ["customers", t.customers(), n(of.unique_customers)],
    ["peak", t.peak(), n(of.peak_viewers)],
    ["joins", t.joins(), n(of.joins)],
    ["watched", t.watched(), duration(of.watch_time_ms)],
    ["each", t.watchedEach(), duration(of.unique_viewers === 0 ? 0 : of.watch_time_ms / of.unique_viewers)],
    ["messages", t.messages(), n(of.messages)],
    ["reactions", t.reactions(), n(of.reactions)],
  ];
  return (
    <dl class="panel figures" aria-label={t.title()}>
      {figures.map(([key, label, value]) => <div key={key}><dt>{label}</dt><dd data-testid={figureIds.total(key)}>{value}</dd></div>)}
    </dl>
  );
}

function ByMinute({ of }: { of: LiveSessionFigures }) {
  const t = words.value;
  const drawn = bars(of.minutes, mostBars);
  const peak = Math.max(1, ...drawn.map((bar) => bar.peak));
  const first = of.minutes[0], last = of.minutes.at(-1);
  if (!first || !last) return null;
  const text = t.byMinuteText({ from: clockTime(language.value, first.at_ms), until: clockTime(language.value, last.at_ms), peak });
  return (
    <section class="panel figures-minutes" aria-labelledby="figures-minutes">
      <h2 id="figures-minutes">{t.byMinute()}</h2>
      <svg viewBox={`0 0 ${Math.max(leastRoom, drawn.length)} 20`} preserveAspectRatio="none" role="img" aria-label={text}>
        {drawn.map((bar, at) => <rect key={bar.at_ms} x={at + 0.1} y={20 - (20 * bar.peak) / peak} width="0.8" height={(20 * bar.peak) / peak} />)}
      </svg>
      <p class="quiet">{text}</p>
    </section>
  );
}

function Way({ products }: { products: readonly WayToOrder[] }) {
  const t = words.value;
  const n = (value: number) => number(language.value, value);
  return (
    <section class="panel figures-way" aria-labelledby="figures-way">
      <h2 id="figures-way">{t.way()}</h2>
      <p class="quiet">{t.wayHint()}</p>
      <ul>
        {products.map((product) => {
          const { name } = productText(product, language.value);
          const steps = [["shown", t.shown(), product.shown], ["clicked", t.clicked(), product.clicked], ["added", t.added(), product.added_to_cart], ["ordered", t.ordered(), product.ordered]] as const;
          return (
            <li key={product.product_id}>
              <h3 dir="auto" lang={name.lang}>{name.text}</h3>
              <dl class="figures">
                {steps.map(([key, label, value]) => <div key={key}><dt>{label}</dt><dd data-testid={figureIds.way(product.product_id, key)}>{n(value)}</dd></div>)}
              </dl>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function duration(ms: number): string {
  const t = words.value;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.round(seconds / 60);
  if (seconds < 120) return t.seconds({ seconds });
  return minutes < 120 ? t.minutes({ minutes }) : t.hours({ hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
