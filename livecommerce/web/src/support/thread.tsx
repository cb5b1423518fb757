/** What customer and support wrote, oldest first; one's own on the right. */
import type { QueryMessageAuthorKind } from "@/types/database";
import { help as words } from "../i18n/help.ts";
import { indiaTime } from "../i18n/india.ts";
import { language } from "../i18n/language.ts";
import type { Message } from "./api.ts";
import { ids } from "./testids.ts";

interface ThreadProps {
  opening: Message;
  messages: readonly Message[];
  mine: QueryMessageAuthorKind;
  nameOf: (message: Message) => string;
}

export function Thread({ opening, messages, mine, nameOf }: ThreadProps) {
  return (
    <section class="thread" aria-label={words.value.thread()}>
      <ol>
        {[opening, ...messages].map((message) => (
          <li key={message.id} class="message" data-author={message.author} data-mine={message.author === mine} data-testid={ids.message}>
            <p class="message-head"><b>{nameOf(message)}</b> <time dateTime={new Date(message.at_ms).toISOString()}>{indiaTime(language.value, message.at_ms)}</time></p>
            <p class="message-body" dir="auto">{message.body}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
