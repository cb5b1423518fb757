/** The poll as viewers see it: vote, change the vote, see how the others voted. */
import { number } from "../../i18n/format.ts";
import { language } from "../../i18n/language.ts";
import { together as words } from "../../i18n/together.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Poll } from "../../wire/contract.gen.ts";
import { isPollOver, shares } from "../engagement-state.ts";
import type { LivePage } from "../page-state.ts";
import { Card, TimeLeft } from "./card.tsx";
import { engagementRefusal } from "../engagement-refusal.ts";
import { useServerTime } from "./deals.tsx";

export function PollCard({ page, poll, onClose }: { page: LivePage; poll: Poll; onClose: () => void }) {
  const t = words.value;
  const { store } = page;
  const counts = poll.closed_at_ms === null && poll.closes_at_ms !== null;
  const now_ms = useServerTime(store, counts);
  const over = isPollOver(poll, now_ms);
  const mine = store.state.value.engagement.mine.poll_option;
  const vote = async (option: number) => {
    if (over || option === mine) return;
    if (!page.signedIn.value) {
      page.sheet.value = { kind: "account" };
      return;
    }
    store.apply({ name: "mine", mine: { poll_option: option } });
    const answer = await store.connection.call("poll.vote", { live_session_id: store.id, poll_id: poll.id, option });
    if (answer.refused) {
      store.apply({ name: "mine", mine: { poll_option: mine } });
      toast(engagementRefusal(answer.refused));
    }
  };
  const time = poll.closed_at_ms !== null ? t.pollClosed() : poll.closes_at_ms !== null ? <TimeLeft store={store} until_ms={poll.closes_at_ms} /> : null;
  return (
    <Card icon="poll" label={t.poll()} testid={ids.pollCard} time={time} onClose={onClose}>
      <p class="card-lead" dir="auto">{poll.question}</p>
      <PollOptions poll={poll} mine={mine} over={over} shown={mine !== null || over} onVote={(option) => void vote(option)} />
      <p class="card-note">
        {t.voters({ count: poll.voters })}{over || mine === null ? "" : ` · ${t.voteChange()}`}
      </p>
    </Card>
  );
}

interface PollOptionsProps {
  poll: Poll;
  mine: number | null;
  over: boolean;
  /** The votes of the others, told only to those who have voted: nobody votes for the winner because it wins. */
  shown: boolean;
  onVote?: (option: number) => void;
}

export function PollOptions({ poll, mine, over, shown, onVote }: PollOptionsProps) {
  const t = words.value;
  const parts = shares(poll);
  const most = Math.max(...poll.options.map((option) => option.votes));
  return (
    <ul class="poll-options" aria-label={poll.question}>
      {poll.options.map((option, at) => {
        const figures = `${number(language.value, parts[at]!)} %`;
        const inside = (
          <>
            {shown ? <span class="poll-bar" style={{ "--share": `${parts[at]}%` }} aria-hidden="true" /> : null}
            <span class="poll-text" dir="auto">{option.text}{at === mine ? <Icon name="check" /> : null}</span>
            {shown ? <span class="poll-share">{figures}<span class="unseen"> {t.votes({ count: option.votes })}</span></span> : null}
          </>
        );
        return (
          <li key={at} data-testid={ids.pollOption(at)} data-votes={option.votes} data-mine={at === mine} data-best={over && most > 0 && option.votes === most}>
            {onVote && !over ? <button type="button" class="poll-option" aria-pressed={at === mine} onClick={() => onVote(at)}>{inside}</button>
              : <div class="poll-option">{inside}</div>}
          </li>
        );
      })}
    </ul>
  );
}
