/** The giveaway as viewers see it: take part, who won, and how anybody can check the draw. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../../style/together.css";
import { together as words } from "../../i18n/together.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Giveaway } from "../../wire/contract.gen.ts";
import { newId } from "../../wire/id.ts";
import { rest } from "../../wire/rest.ts";
import { drawFaults, type DrawRecord } from "../draw-check.ts";
import { engagementRefusal } from "../engagement-refusal.ts";
import type { LivePage } from "../page-state.ts";
import { Card, TimeLeft } from "./card.tsx";
import { useServerTime } from "./deals.tsx";
import { follow } from "./follow.tsx";

/** Entries that the sheet lists; the published record has them all. */
const listed = 200;

interface GiveawayProps {
  page: LivePage;
  giveaway: Giveaway;
  onClose: () => void;
}

export function GiveawayCard({ page, giveaway, onClose }: GiveawayProps) {
  const t = words.value;
  const drawn = giveaway.drawn_at_ms !== null;
  return (
    <Card icon="gift" label={t.giveaway()} testid={ids.giveawayCard} onClose={onClose}
      time={drawn ? t.drawn() : <TimeLeft store={page.store} until_ms={giveaway.closes_at_ms} />}>
      <p class="card-lead" dir="auto">{giveaway.prize}</p>
      {drawn ? <Winners page={page} giveaway={giveaway} /> : <Taking page={page} giveaway={giveaway} />}
      <p class="card-note">
        {t.entries({ count: giveaway.entries })}{" · "}
        <button type="button" class="link-button" data-testid={ids.drawOpen} onClick={() => { page.sheet.value = { kind: "draw" }; }}>{drawn ? t.howDrawn() : t.howWillDraw()}</button>
      </p>
    </Card>
  );
}

function Taking({ page, giveaway }: Omit<GiveawayProps, "onClose">) {
  const t = words.value;
  const { store } = page;
  const { engagement, standing, you, live } = store.state.value;
  const busy = useSignal(false);
  const closed = giveaway.closes_at_ms <= useServerTime(store, true);
  const name = live?.influencer.display_name ?? "";
  const mustFollow = giveaway.needs === "follow" && standing.is_following !== true;
  const condition = giveaway.needs === "follow" ? t.needsFollow({ name }) : giveaway.needs === "order" ? t.needsOrder() : t.needsNothing();
  const enter = async () => {
    if (!page.signedIn.value) {
      page.sheet.value = { kind: "account" };
      return;
    }
    if (busy.value) return;
    busy.value = true;
    if (mustFollow) await follow(store, true);
    const payload = { live_session_id: store.id, giveaway_id: giveaway.id, id: newId() };
    const answer = await store.connection.call("giveaway.enter", payload, { timeout_ms: 15_000, repeat: true });
    busy.value = false;
    if (answer.ok) store.apply({ name: "mine", mine: { entry_id: answer.ok.entry_id } });
    else toast(engagementRefusal(answer.refused));
  };
  if (engagement.mine.entry_id !== null) return <p class="card-state" data-testid={ids.giveawayIn}><Icon name="check" />{t.youAreIn()}</p>;
  if (closed) return <p class="card-state"><span class="dot-pulse" />{t.drawing()}</p>;
  return (
    <>
      <p class="card-text">{t.winnersMax({ count: giveaway.winners_max })} {condition}</p>
      {you.is_host || (you.role !== "customer" && you.role !== "anonymous") ? null : (
        <button type="button" class="button button-quiet button-wide card-action" data-testid={ids.giveawayEnter} aria-disabled={busy.value} onClick={() => void enter()}>
          {!page.signedIn.value ? t.logInToEnter() : mustFollow ? t.followAndEnter() : t.enter()}
        </button>
      )}
    </>
  );
}

function Winners({ page, giveaway }: Omit<GiveawayProps, "onClose">) {
  const t = words.value;
  const mine = page.store.state.value.engagement.mine.entry_id;
  const won = giveaway.winners.some((winner) => winner.entry_id === mine);
  if (giveaway.winners.length === 0) return <p class="card-state">{t.nobodyEntered()}</p>;
  return (
    <>
      {won ? <p class="card-state" data-good="true"><Icon name="star" filled />{t.youWon()}</p> : mine !== null ? <p class="card-text">{t.notThisTime()}</p> : null}
      <ol class="winners" aria-label={t.winners()}>
        {giveaway.winners.map((winner) => (
          <li key={winner.entry_id} data-testid={ids.winner} data-mine={winner.entry_id === mine}><Icon name="star" filled /><bdi>{winner.name}</bdi></li>
        ))}
      </ol>
    </>
  );
}

/** What was promised before, what was shown after, and a check of the one against the other on this device. */
export function DrawSheet({ page, onClose }: { page: LivePage; onClose: () => void }) {
  const t = words.value;
  const { giveaway, mine } = page.store.state.value.engagement;
  if (giveaway === null) return null;
  const drawn = giveaway.drawn_at_ms !== null;
  const rows: [string, string | null][] = [
    [t.seedHash(), giveaway.seed_hash], [t.seed(), giveaway.seed], [t.entriesHash(), giveaway.entries_hash], [t.giveawayId(), giveaway.id], [t.myEntry(), mine.entry_id],
  ];
  return (
    <Sheet title={drawn ? t.howDrawn() : t.howWillDraw()} testid={ids.drawSheet} onClose={onClose}>
      <ol class="draw-steps">
        <li>{t.drawStep1()}</li>
        <li>{t.drawStep2()}</li>
        <li>{t.drawStep3()}</li>
      </ol>
      {drawn ? <Check giveaway={giveaway} /> : null}
      <dl class="draw-facts">
        {rows.map(([label, value]) => (value === null ? null : <div key={label}><dt>{label}</dt><dd>{value}</dd></div>))}
        {giveaway.winners.map((winner) => (
          <div key={winner.entry_id}><dt>{t.winnerEntry({ place: winner.place, name: winner.name })}</dt><dd>{winner.entry_id}</dd></div>
        ))}
      </dl>
    </Sheet>
  );
}

type Outcome = "checking" | "fits" | "fits-not" | "unknown";

function Check({ giveaway }: { giveaway: Giveaway }) {
  const t = words.value;
  const outcome = useSignal<Outcome>("checking");
  const entries = useSignal<readonly string[]>([]);
  useEffect(() => {
    const check = async (): Promise<Outcome> => {
      const answer = await rest<DrawRecord>(`/giveaways/${giveaway.id}`);
      // Without a secure connection browsers compute no hashes.
      if (!answer.ok || !("subtle" in crypto)) return "unknown";
      entries.value = answer.ok.entry_ids ?? [];
      return (await drawFaults(answer.ok, giveaway.seed_hash)).length === 0 ? "fits" : "fits-not";
    };
    void check().then((found) => { outcome.value = found; }, () => { outcome.value = "unknown"; });
  }, [giveaway.id]);
  const text = { checking: t.checking(), fits: t.drawFits(), "fits-not": t.drawFitsNot(), unknown: t.drawUnknown() }[outcome.value];
  const tone = outcome.value === "fits" ? "callout-good" : outcome.value === "fits-not" ? "callout-bad" : "";
  return (
    <>
      <p class={`callout ${tone}`} role="status" data-testid={ids.drawCheck} data-outcome={outcome.value}>{text}</p>
      {entries.value.length > 0 ? (
        <details class="draw-entries">
          <summary>{t.allEntries({ count: entries.value.length })}</summary>
          <ul>{entries.value.slice(0, listed).map((id) => <li key={id}>{id}</li>)}</ul>
          <a class="link-button" href={`/api/v1/giveaways/${giveaway.id}`} target="_blank" rel="noopener">{t.drawRecord()}</a>
        </details>
      ) : null}
    </>
  );
}
