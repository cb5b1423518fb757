/** Who did what to whom in this live session, the newest first. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { common } from "../i18n/common.ts";
import { clockTime, dateTime } from "../i18n/format.ts";
import { hosting as words } from "../i18n/hosting.ts";
import { language } from "../i18n/language.ts";
import type { Store } from "../live/store.ts";
import type { ChatSettings, ModerationAct } from "../wire/contract.gen.ts";
import type { Refusal } from "../wire/rest.ts";
import { rightName, rights } from "./appoint.tsx";
import { ruleText } from "./rules.tsx";
import { hostingIds as ids } from "./testids.ts";
import { Trouble } from "./words.tsx";

export function Log({ store }: { store: Store }) {
  const t = words.value;
  const acts = useSignal<readonly ModerationAct[] | null>(null);
  const more = useSignal(false);
  const trouble = useSignal<Refusal | null>(null);
  const load = async (before_id: number | null) => {
    const answer = await store.connection.call("moderation.list", { live_session_id: store.id, ...(before_id === null ? {} : { before_id }) });
    trouble.value = answer.refused ?? null;
    if (!answer.ok) return;
    acts.value = [...(before_id === null ? [] : acts.value ?? []), ...answer.ok.acts];
    more.value = answer.ok.has_more;
  };
  useEffect(() => void load(null), [store]);
  if (trouble.value) return <Trouble refusal={trouble.value} onAgain={() => void load(null)} />;
  if (acts.value === null) return <p class="empty" role="status">{common.value.loading()}</p>;
  if (acts.value.length === 0) return <p class="empty">{t.noLog()}</p>;
  return (
    <>
      <ol class="log">
        {acts.value.map((act) => (
          <li key={act.id} data-testid={ids.logRow}>
            <span><b><bdi>{act.by_name}</bdi></b> {actText(act)}{act.about_name ? <> <bdi>{act.about_name}</bdi></> : null}{act.detail ? <small dir="auto">{detailText(act)}</small> : null}</span>
            <time dateTime={new Date(act.at_ms).toISOString()}>{clockTime(language.value, act.at_ms)}</time>
          </li>
        ))}
      </ol>
      {more.value ? <button type="button" class="button button-quiet button-wide" onClick={() => void load(acts.value!.at(-1)!.id)}>{t.older()}</button> : null}
    </>
  );
}

function actText({ act }: ModerationAct): string {
  const t = words.value;
  const texts: Record<ModerationAct["act"], string> = {
    appoint: t.actAppoint(), dismiss: t.actDismiss(), mute: t.actMute(), unmute: t.actUnmute(), ban: t.actBan(), unban: t.actUnban(), hide: t.actHide(),
    unhide: t.actUnhide(), delete: t.actDelete(), clear: t.actClear(), pin: t.actPin(), unpin: t.actUnpin(), announce: t.actAnnounce(),
    configure: t.actConfigure(), filter: t.actFilter(), approve: t.actApprove(), refuse: t.actRefuse(),
  };
  return `· ${texts[act]}`;
}

/** What the record keeps for programs, in words; anything else as it was written. */
function detailText({ act, detail }: ModerationAct): string {
  if (act === "appoint") {
    const named = rights.filter((right) => detail.includes(right)).map(rightName);
    return named.length > 0 ? named.join(" · ") : detail;
  }
  if (act === "mute") {
    const until_ms = Date.parse(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(detail)?.[0]?.replace(" ", "T").concat("Z") ?? "");
    return Number.isNaN(until_ms) ? detail : words.value.until({ time: dateTime(language.value, until_ms) });
  }
  if (act !== "configure") return detail;
  try {
    return Object.entries(JSON.parse(detail) as Partial<ChatSettings>).map(([rule, value]) => ruleText(rule, value)).join(" · ");
  } catch {
    return detail;
  }
}
