/** Everything for looking after a live session, one part at a time: a list of the parts, and the way back to it. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "../style/hosting.css";
import { common } from "../i18n/common.ts";
import { number } from "../i18n/format.ts";
import { hosting as words } from "../i18n/hosting.ts";
import { language } from "../i18n/language.ts";
import { together } from "../i18n/together.ts";
import { mayModerate } from "../live/chat-state.ts";
import type { Store } from "../live/store.ts";
import { Questions } from "../live/ui/questions.tsx";
import { isOver } from "../live/view.ts";
import { Icon } from "../ui/icon.tsx";
import { Announce, Clear } from "./announce.tsx";
import { GiveawayDesk } from "./giveaway.tsx";
import { Log } from "./log.tsx";
import { People } from "./people.tsx";
import { PollDesk } from "./poll.tsx";
import { Review } from "./review.tsx";
import { Rules } from "./rules.tsx";
import { hostingIds as ids } from "./testids.ts";
import { Words } from "./words.tsx";

type Part = "review" | "questions" | "poll" | "giveaway" | "announce" | "rules" | "words" | "people" | "log" | "clear";

interface Row {
  part: Part;
  icon: Parameters<typeof Icon>[0]["name"];
  label: string;
  count?: number;
  note?: string;
}

export function Desk({ store, onClose, hasQuestions = true }: { store: Store; onClose?: () => void; hasQuestions?: boolean }) {
  const t = words.value;
  const here = useSignal<Part | null>(null);
  const top = useRef<HTMLDivElement | null>(null);
  const rows = rowsOf(store, hasQuestions);
  const row = rows.find((one) => one.part === here.value);
  const moved = useRef(false);
  // Each part begins at its heading; the way back ends at the row that led there.
  const last = useRef<Part | null>(null);
  useEffect(() => {
    if (!moved.current) return;
    if (here.value !== null) top.current?.querySelector<HTMLElement>("h3")?.focus();
    else top.current?.querySelector<HTMLElement>(`[data-testid="${ids.desk(last.current ?? "")}"]`)?.focus();
    last.current = here.value;
  }, [here.value]);
  const go = (part: Part | null) => {
    moved.current = true;
    here.value = part;
  };
  return (
    <div class="desk" ref={top}>
      {row === undefined ? (
        <>
          <SalesLine store={store} />
          <ul class="desk-rows">
            {rows.map((one) => (
              <li key={one.part}>
                <button type="button" class="desk-row" data-testid={ids.desk(one.part)} data-count={one.count ?? 0} onClick={() => go(one.part)}>
                  <Icon name={one.icon} /><span class="desk-row-text">{one.label}{one.note ? <small>{one.note}</small> : null}</span>
                  {one.count ? <span class="desk-count">{number(language.value, one.count)}</span> : null}<Icon name="forward" />
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <>
          <div class="desk-head">
            <button type="button" class="icon-button" data-testid={ids.back} aria-label={common.value.back()} onClick={() => go(null)}><Icon name="back" /></button>
            <h3 tabIndex={-1}>{row.label}</h3>
          </div>
          {partOf(row.part, store, () => go(null), onClose)}
        </>
      )}
      {rows.length === 0 ? <p class="empty">{store.state.value.standing.permissions.includes("pin_products") ? t.pinWhere() : t.noRights()}</p> : null}
    </div>
  );
}

function rowsOf(store: Store, hasQuestions: boolean): readonly Row[] {
  const t = words.value;
  const state = store.state.value;
  if (!mayModerate(state, state.you.is_host)) return [];
  const { engagement, held, settings, live, you } = state;
  const over = isOver(live?.status ?? null);
  const { poll, giveaway, questions } = engagement;
  const rows: (Row | false)[] = [
    { part: "review", icon: "clock", label: t.review(), count: held.length },
    hasQuestions && { part: "questions", icon: "question", label: together.value.questions(), count: questions.length },
    !over && { part: "poll", icon: "poll", label: together.value.poll(), note: poll !== null && poll.closed_at_ms === null ? t.running() : "" },
    you.is_host && { part: "giveaway", icon: "gift", label: together.value.giveaway(), note: giveaway !== null && giveaway.drawn_at_ms === null ? t.running() : "" },
    !over && { part: "announce", icon: "horn", label: t.announce() },
    { part: "rules", icon: "settings", label: t.rules(), note: rulesNote(settings) },
    { part: "words", icon: "edit", label: t.words() },
    { part: "people", icon: "people", label: t.people() },
    { part: "log", icon: "file", label: t.log() },
    { part: "clear", icon: "trash", label: t.clear() },
  ];
  return rows.filter((row) => row !== false);
}

function rulesNote({ is_enabled, audience, slow_mode_s }: Store["state"]["value"]["settings"]): string {
  const t = words.value;
  if (!is_enabled) return t.chatIsOff();
  return [audience === "buyers" ? t.audienceBuyers() : audience === "followers" ? t.audienceFollowers() : "", slow_mode_s > 0 ? t.slowNote({ seconds: slow_mode_s }) : ""]
    .filter((text) => text !== "").join(" · ");
}

function partOf(part: Part, store: Store, onBack: () => void, onClose: (() => void) | undefined): ComponentChildren {
  switch (part) {
    case "review": return <Review store={store} />;
    case "questions": return <Questions store={store} />;
    case "poll": return <PollDesk store={store} />;
    case "giveaway": return <GiveawayDesk store={store} />;
    case "announce": return <Announce store={store} onDone={onClose ?? onBack} />;
    case "rules": return <Rules store={store} />;
    case "words": return <Words store={store} />;
    case "people": return <People store={store} />;
    case "log": return <Log store={store} />;
    case "clear": return <Clear store={store} onDone={onBack} />;
  }
}

/** For a moderator who may see them; the influencer has them on top of the room. */
function SalesLine({ store }: { store: Store }) {
  const t = words.value;
  const { sales, you } = store.state.value;
  if (sales === null || you.is_host) return null;
  return <p class="quiet" data-testid={ids.salesLine}>{t.salesLine({ orders: sales.orders, revenue: sales.revenue_minor })}</p>;
}

