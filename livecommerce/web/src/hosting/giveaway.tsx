/** A giveaway: its promise is read again before it begins, since a draw is for good. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { hosting as words } from "../i18n/hosting.ts";
import { together } from "../i18n/together.ts";
import { engagementRefusal } from "../live/engagement-refusal.ts";
import type { Store } from "../live/store.ts";
import { TimeLeft } from "../live/ui/card.tsx";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { toast } from "../ui/toast.tsx";
import type { Giveaway } from "../wire/contract.gen.ts";
import { newId } from "../wire/id.ts";
import "../style/together.css";
import { minuteChoices, Minutes } from "./minutes.tsx";
import { hostingIds as ids } from "./testids.ts";

const winners_max = 20;
type Needs = Giveaway["needs"];

export function GiveawayDesk({ store }: { store: Store }) {
  const { giveaway } = store.state.value.engagement;
  const runs = giveaway !== null && giveaway.drawn_at_ms === null;
  return (
    <>
      {giveaway ? <Running store={store} giveaway={giveaway} /> : null}
      {runs ? null : <GiveawayForm store={store} />}
    </>
  );
}

function Running({ store, giveaway }: { store: Store; giveaway: Giveaway }) {
  const t = words.value;
  const sure = useSignal(false);
  const busy = useSignal(false);
  const drawn = giveaway.drawn_at_ms !== null;
  const draw = async () => {
    if (busy.value) return;
    busy.value = true;
    const answer = await store.connection.call("giveaway.draw", { live_session_id: store.id, giveaway_id: giveaway.id }, { timeout_ms: 15_000, repeat: true });
    busy.value = false;
    sure.value = false;
    if (answer.ok) store.apply({ name: "giveaway.told", giveaway: answer.ok.giveaway });
    else toast(engagementRefusal(answer.refused));
  };
  return (
    <section class="desk-card" aria-label={giveaway.prize}>
      <p class="card-lead" dir="auto">{giveaway.prize}</p>
      <p class="card-note">{together.value.entries({ count: giveaway.entries })} · {drawn ? together.value.drawn() : <TimeLeft store={store} until_ms={giveaway.closes_at_ms} />}</p>
      {drawn && giveaway.winners.length === 0 ? <p>{together.value.nobodyEntered()}</p> : null}
      {giveaway.winners.length > 0 ? (
        <ol class="winners" aria-label={together.value.winners()}>
          {giveaway.winners.map((winner) => <li key={winner.entry_id} data-testid="winner"><Icon name="star" filled /><bdi>{winner.name}</bdi></li>)}
        </ol>
      ) : null}
      {drawn ? null : sure.value ? (
        <>
          <p>{t.drawText({ count: giveaway.entries })}</p>
          <div class="actions">
            <button type="button" class="button button-quiet" autofocus onClick={() => { sure.value = false; }}>{t.goOn()}</button>
            <button type="button" class="button button-danger" data-testid={ids.drawConfirm} aria-disabled={busy.value} onClick={() => void draw()}>{t.drawConfirm()}</button>
          </div>
        </>
      ) : <button type="button" class="button button-quiet button-wide" data-testid={ids.draw} onClick={() => { sure.value = true; }}>{t.draw()}</button>}
    </section>
  );
}

function GiveawayForm({ store }: { store: Store }) {
  const t = words.value;
  const prize = useSignal("");
  const winners = useSignal("1");
  const needs = useSignal<Needs>("nothing");
  const minutes = useSignal(minuteChoices[2]!);
  const sure = useSignal(false);
  const fault = useSignal<{ field: "prize" | "winners"; text: string } | null>(null);
  const busy = useSignal(false);
  const id = useRef(newId());
  const runsLive = store.state.value.live?.status === "live" || store.state.value.live?.status === "paused";
  const check = () => {
    const count = Number(winners.value);
    if (prize.value.trim() === "") fault.value = { field: "prize", text: t.errPrize() };
    else if (!Number.isInteger(count) || count < 1 || count > winners_max) fault.value = { field: "winners", text: t.errWinners({ most: winners_max }) };
    else sure.value = true;
  };
  const start = async () => {
    if (busy.value) return;
    busy.value = true;
    const payload = { live_session_id: store.id, id: id.current, prize: prize.value.trim(), winners_max: Number(winners.value), needs: needs.value, duration_s: minutes.value * 60 };
    const answer = await store.connection.call("giveaway.open", payload, { timeout_ms: 15_000, repeat: true });
    busy.value = false;
    sure.value = false;
    if (answer.ok) {
      store.apply({ name: "giveaway.told", giveaway: answer.ok.giveaway });
      id.current = newId();
      prize.value = "";
      toast(t.giveawayStarted());
    } else {
      if (answer.refused.code === "giveaway.key_reused") id.current = newId();
      fault.value = { field: "prize", text: engagementRefusal(answer.refused) };
    }
  };
  const texts: Record<Needs, string> = { nothing: t.needsNothing(), follow: t.needsFollow(), order: t.needsOrder() };
  if (sure.value) {
    return (
      <div class="form">
        <p>{t.giveawaySure({ prize: prize.value.trim(), count: Number(winners.value), needs: texts[needs.value] })}</p>
        <p class="quiet">{t.giveawayForGood()}</p>
        <div class="actions">
          <button type="button" class="button button-quiet" autofocus onClick={() => { sure.value = false; }}>{t.change()}</button>
          <button type="button" class="button button-primary" data-testid={ids.giveawayConfirm} aria-disabled={busy.value} onClick={() => void start()}>{t.giveawayStart()}</button>
        </div>
      </div>
    );
  }
  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); check(); }}>
      <Field label={t.prize()} hint={t.prizeHint()} error={fault.value?.field === "prize" ? fault.value.text : undefined}>
        {(attributes) => <input {...attributes} type="text" maxLength={120} dir="auto" autocomplete="off" data-testid={ids.prize} value={prize.value}
          onInput={(event) => { prize.value = event.currentTarget.value; fault.value = null; }} />}
      </Field>
      <Field label={t.winnersMax()} error={fault.value?.field === "winners" ? fault.value.text : undefined}>
        {(attributes) => <input {...attributes} type="text" inputMode="numeric" autocomplete="off" data-testid={ids.winners} value={winners.value}
          onInput={(event) => { winners.value = event.currentTarget.value; fault.value = null; }} />}
      </Field>
      <Field label={t.needs()}>
        {(attributes) => (
          <select {...attributes} data-testid={ids.needs} value={needs.value} onChange={(event) => { needs.value = event.currentTarget.value as Needs; }}>
            {(Object.keys(texts) as Needs[]).map((key) => <option key={key} value={key}>{texts[key]}</option>)}
          </select>
        )}
      </Field>
      <Minutes label={t.lasts()} testid={ids.giveawayMinutes} minutes={minutes} />
      <button type="submit" class="button button-primary button-wide" data-testid={ids.giveawayStart} disabled={!runsLive}>{t.giveawayOn()}</button>
      {runsLive ? null : <p class="quiet">{t.onlyLive()}</p>}
    </form>
  );
}
