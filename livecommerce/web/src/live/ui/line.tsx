/** One message of the chat. Its text is only ever a text node. */
import { live as words } from "../../i18n/live.ts";
import { ids } from "../../testids.ts";
import { Icon } from "../../ui/icon.tsx";
import { chatRefusal, isFinal } from "../chat-refusal.ts";
import { mayModerate } from "../chat-state.ts";
import type { ChatLine } from "../state.ts";
import type { Store } from "../store.ts";
import { ClaimNote } from "./claim.tsx";

interface LineProps {
  line: ChatLine;
  store: Store;
  onOpen: ((product_id: string) => void) | undefined;
  onLine: (line: ChatLine) => void;
  /** Tab stops here on its way. */
  isWay: boolean;
}

export function Line({ line, store, onOpen, onLine, isWay }: LineProps) {
  const t = words.value;
  const { you, claims, standing } = store.state.value;
  const claim = claims[line.id];
  const own = line.author_id !== "" && line.author_id === you.user_id;
  const mentioned = you.user_id !== null && !own && ((line.mentions ?? []).includes(you.user_id) || line.reply_to?.author_id === you.user_id);
  const marks = line.marks ?? [];
  const keepsOrder = mayModerate({ ...store.state.value, standing }, you.is_host);
  const mayAct = line.state === "sent" && you.role !== "anonymous";
  const act = () => { if (mayAct && !String(getSelection())) onLine(line); };
  return (
    <li class="line" data-testid={ids.chatLine} data-line={line.state} data-message-id={line.id} data-host={line.is_host} data-own={own}
      data-mentioned={mentioned} data-marks={marks.join(" ")} data-order={keepsOrder}>
      <p class="line-text" data-acts={mayAct} onClick={act}>
        {line.reply_to ? <Answered line={line} store={store} /> : null}
        <b class="line-name"><bdi>{line.name}</bdi><Badges line={line} /></b>{" "}
        <bdi dir="auto">{(line.mentions ?? []).length > 0 ? <Mentioning text={line.text} names={store.state.value.chat} /> : line.text}</bdi>
        {line.state === "pending" ? <span class="line-note">{t.linePending()}</span> : null}
        {line.state === "held" ? <span class="line-note line-held" role="status"><Icon name="clock" />{t.lineHeld()}</span> : null}
      </p>
      {mayAct ? (
        <button type="button" class="line-more" data-testid={ids.chatMore} tabIndex={isWay ? 0 : -1} aria-label={t.lineMore({ name: line.name })} aria-haspopup="dialog"
          onClick={() => onLine(line)}><Icon name="more" /></button>
      ) : null}
      {claim ? <ClaimNote claim={claim} store={store} onOpen={onOpen} /> : null}
      {line.state === "refused" && line.refusal ? (
        <p class="line-refused" role="alert">
          {chatRefusal(line.refusal, store.state.value.chatMaxChars)}
          {isFinal(line.refusal) ? null : <button type="button" class="link-button" onClick={() => store.sayAgain(line)}>{t.lineRetry()}</button>}
          <button type="button" class="link-button" onClick={() => store.drop(line)}>{t.lineDrop()}</button>
        </p>
      ) : null}
    </li>
  );
}

/** Who that is: the influencer, one who helps her, somebody who has bought. */
export function Badges({ line }: { line: Pick<ChatLine, "is_host" | "marks"> }) {
  const t = words.value;
  const marks = line.marks ?? [];
  const badges: [string, string][] = [];
  if (line.is_host) badges.push(["host", t.host()]);
  else if (marks.includes("moderator")) badges.push(["moderator", t.moderator()]);
  if (marks.includes("buyer") && !line.is_host) badges.push(["buyer", t.buyer()]);
  if (marks.includes("announcement")) badges.push(["announcement", t.announcement()]);
  if (marks.includes("hidden")) badges.push(["hidden", t.hiddenBadge()]);
  return <>{badges.map(([kind, text]) => <span key={kind} class={kind === "host" ? "host-badge" : "badge"} data-badge={kind}>{text}</span>)}</>;
}

/** The answered message may be gone: its text is shown while it is there. */
function Answered({ line, store }: { line: ChatLine; store: Store }) {
  const { name, message_id } = line.reply_to!;
  const answered = store.state.value.chat.find((one) => one.id === message_id);
  return (
    <span class="line-answered">
      <Icon name="reply" /><span><b><bdi>{name}</bdi></b>{answered ? <> <bdi dir="auto">{answered.text}</bdi></> : null}</span>
    </span>
  );
}

/** Names with an @ before them stand out: the longest of somebody in this chat, else the word. */
function Mentioning({ text, names }: { text: string; names: readonly ChatLine[] }) {
  const [before, ...after] = text.split("@");
  return (
    <>
      {before}
      {after.map((part, at) => {
        const lower = part.toLowerCase();
        const name = names.reduce((best, one) => (one.name.length > best && lower.startsWith(one.name.toLowerCase()) ? one.name.length : best), 0);
        const end = name || (/^[\p{L}\p{M}\p{N}_.-]*/u.exec(part)?.[0].length ?? 0);
        return end === 0 ? `@${part}` : <span key={at}><b class="mention">@{part.slice(0, end)}</b>{part.slice(end)}</span>;
      })}
    </>
  );
}
