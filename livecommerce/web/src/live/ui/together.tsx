/**
 * What people do together over the video: a rail of round buttons (other reactions, questions, poll, giveaway) and
 * at most one card. A new poll or giveaway opens its card once; it can be put away and taken out again.
 */
import { useComputed, useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import "../../style/together.css";
import { together as words } from "../../i18n/together.ts";
import { common } from "../../i18n/common.ts";
import { live as liveWords } from "../../i18n/live.ts";
import { compact } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { reactionPaths } from "../../ui/reaction-paths.ts";
import { toast } from "../../ui/toast.tsx";
import { isPollOver } from "../engagement-state.ts";
import type { LivePage } from "../page-state.ts";
import type { ReactionKind } from "../reactions.ts";
import { GiveawayCard } from "./giveaway.tsx";
import { PollCard } from "./poll.tsx";

type Card = "poll" | "giveaway" | "reactions" | null;

export function Together({ page, over }: { page: LivePage; over: boolean }) {
  const t = words.value;
  const open = useSignal<Card>(null);
  const { questions, poll, giveaway } = page.store.state.value.engagement;
  const live = page.store.state.value.live?.status;
  const runs = live === "live" || live === "paused";
  useOpening(page, open);
  const toggle = (card: Card) => () => { open.value = open.value === card ? null : card; };
  const close = () => { open.value = null; };
  return (
    <>
      {open.value === "poll" && poll ? <PollCard page={page} poll={poll} onClose={close} /> : null}
      {open.value === "giveaway" && giveaway ? <GiveawayCard page={page} giveaway={giveaway} onClose={close} /> : null}
      <div class="rail" role="group" aria-label={t.rail()}>
        {giveaway ? <RailButton icon="gift" label={t.giveaway()} count={giveaway.entries} pressed={open.value === "giveaway"} testid={ids.giveawayOpen} onClick={toggle("giveaway")} /> : null}
        {poll ? <RailButton icon="poll" label={t.poll()} count={poll.voters} pressed={open.value === "poll"} testid={ids.pollOpen} onClick={toggle("poll")} /> : null}
        {over && questions.length === 0 ? null : (
          <RailButton icon="question" label={t.questions()} count={questions.length} testid={ids.questionsOpen} onClick={() => { page.sheet.value = { kind: "questions" }; }} />
        )}
        {runs ? (
          <div class="rail-reactions">
            {open.value === "reactions" ? <Kinds page={page} onClose={close} /> : null}
            <RailButton icon="smile" label={t.reactions()} pressed={open.value === "reactions"} testid={ids.reactionsOpen} onClick={toggle("reactions")} />
          </div>
        ) : null}
      </div>
    </>
  );
}

/** A poll or a giveaway that one has no part in yet is shown when it begins, or runs when one comes; the rest waits in the rail. */
function useOpening(page: LivePage, open: Signal<Card>): void {
  const seen = useRef<{ poll: string | null; giveaway: string | null; draw: string | null }>({ poll: null, giveaway: null, draw: null });
  const facts = useComputed(() => page.store.state.value.engagement);
  useSignalEffect(() => {
    const { poll, giveaway, mine } = facts.value;
    const known = seen.current;
    if (poll && poll.id !== known.poll) {
      known.poll = poll.id;
      if (!isPollOver(poll, page.store.now_ms()) && mine.poll_option === null) open.value = "poll";
    }
    if (giveaway && giveaway.id !== known.giveaway) {
      known.giveaway = giveaway.id;
      if (giveaway.drawn_at_ms !== null) known.draw = giveaway.id;
      else if (mine.entry_id === null) open.value = "giveaway";
    }
    // The winners are what everybody waited for.
    if (giveaway?.drawn_at_ms != null && known.draw !== giveaway.id) {
      known.draw = giveaway.id;
      open.value = "giveaway";
    }
  });
}

interface RailButtonProps {
  icon: Parameters<typeof Icon>[0]["name"];
  label: string;
  count?: number;
  pressed?: boolean;
  testid: string;
  onClick: () => void;
}

function RailButton({ icon, label, count = 0, pressed, testid, onClick }: RailButtonProps) {
  const shown = count > 0 ? compact(language.value, count) : "";
  return (
    <button type="button" class="rail-button" data-testid={testid} data-count={count} aria-label={shown ? `${label}, ${shown}` : label} title={label}
      {...(pressed === undefined ? { "aria-haspopup": "dialog" as const } : { "aria-expanded": pressed })} onClick={onClick}>
      <Icon name={icon} />{shown ? <span class="bag-count" aria-hidden="true">{shown}</span> : null}
    </button>
  );
}

const kinds: readonly ReactionKind[] = ["fire", "clap", "laugh", "wow", "thumb"];

/** Beside the heart, which has a button of its own. */
function Kinds({ page, onClose }: { page: LivePage; onClose: () => void }) {
  const t = words.value;
  const names: Record<ReactionKind, string> = { heart: t.heart(), fire: t.fire(), clap: t.clap(), laugh: t.laugh(), wow: t.wow(), thumb: t.thumb() };
  const tap = (kind: ReactionKind) => {
    if (page.signedIn.value) page.reactions.tap(kind);
    else toast(liveWords.value.reactAnonymous(), { label: common.value.logIn(), run: () => { page.sheet.value = { kind: "account" }; } });
  };
  return (
    <div class="kinds" role="group" aria-label={t.reactions()} onKeyDown={(event) => { if (event.key === "Escape") onClose(); }}>
      {kinds.map((kind) => (
        <button type="button" key={kind} class="kind" data-kind={kind} data-testid={ids.reactionKind(kind)} aria-label={names[kind]} title={names[kind]} onClick={() => tap(kind)}>
          <svg class="kind-picture" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={reactionPaths[kind]} fill-rule="evenodd" /></svg>
        </button>
      ))}
    </div>
  );
}
