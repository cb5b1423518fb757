/** The questions that wait for an answer: ask one, want to know one, too; those who keep order work through them. */
import { useSignal } from "@preact/signals";
import "../../style/together.css";
import { live as liveWords } from "../../i18n/live.ts";
import { together as words } from "../../i18n/together.ts";
import { ids } from "../../testids.ts";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Question } from "../../wire/contract.gen.ts";
import { chatRefusal } from "../chat-refusal.ts";
import { mayModerate } from "../chat-state.ts";
import { inOrder } from "../engagement-state.ts";
import type { LivePage } from "../page-state.ts";
import type { Store } from "../store.ts";
import { isOver } from "../view.ts";

export function QuestionsSheet({ page, onClose }: { page: LivePage; onClose: () => void }) {
  const { live, you } = page.store.state.value;
  const over = isOver(live?.status ?? null);
  return (
    <Sheet title={words.value.questions()} testid={ids.questionsSheet} onClose={onClose}>
      {over || you.is_host ? null : <Ask page={page} />}
      <Questions store={page.store} onAnonymous={page.signedIn.value ? undefined : () => { page.sheet.value = { kind: "account" }; }} />
    </Sheet>
  );
}

function Ask({ page }: { page: LivePage }) {
  const t = words.value;
  const { store } = page;
  const text = useSignal("");
  const fault = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);
  const { live, chatMaxChars } = store.state.value;
  const ask = async () => {
    if (!page.signedIn.value) {
      page.sheet.value = { kind: "account" };
      return;
    }
    if (busy.value) return;
    if (text.value.trim() === "") {
      fault.value = liveWords.value.chatNothing();
      return;
    }
    busy.value = true;
    const answer = await store.ask(text.value.trim());
    busy.value = false;
    if (answer.ok) text.value = "";
    fault.value = answer.ok ? undefined : chatRefusal(answer.refused, chatMaxChars);
  };
  return (
    <form class="ask-form" noValidate onSubmit={(event) => { event.preventDefault(); void ask(); }}>
      <Field label={liveWords.value.composerQuestion({ name: live?.influencer.display_name ?? "" })} error={fault.value}>
        {(attributes) => (
          <span class="with-button">
            <input {...attributes} type="text" dir="auto" autocomplete="off" enterkeyhint="send" data-testid={ids.questionText} value={text.value}
              onInput={(event) => { text.value = event.currentTarget.value; fault.value = undefined; }} />
            <button type="submit" class="icon-button" data-testid={ids.questionSend} aria-label={t.ask()} aria-disabled={busy.value}><Icon name="send" /></button>
          </span>
        )}
      </Field>
    </form>
  );
}

/** The list, in the sheet and in the studio. */
export function Questions({ store, onAnonymous }: { store: Store; onAnonymous?: (() => void) | undefined }) {
  const t = words.value;
  const state = store.state.value;
  const { questions, mine } = state.engagement;
  const works = mayModerate(state, state.you.is_host);
  if (questions.length === 0) return <p class="empty">{works ? t.noQuestionsHost() : t.noQuestions()}</p>;
  return (
    <ul class="questions">
      {inOrder(questions).map((question) => (
        <QuestionRow key={question.id} store={store} question={question} works={works} upvoted={mine.upvoted.includes(question.id)} onAnonymous={onAnonymous} />
      ))}
    </ul>
  );
}

interface RowProps {
  store: Store;
  question: Question;
  works: boolean;
  upvoted: boolean;
  onAnonymous: (() => void) | undefined;
}

function QuestionRow({ store, question, works, upvoted, onAnonymous }: RowProps) {
  const t = words.value;
  const { you, engagement, chatMaxChars } = store.state.value;
  const own = question.author_id === you.user_id;
  const choice = { live_session_id: store.id, question_id: question.id };
  const refuse = (refused: Parameters<typeof chatRefusal>[0]) => toast(chatRefusal(refused, chatMaxChars));
  const upvote = async () => {
    if (onAnonymous) return onAnonymous();
    if (upvoted || own) return;
    store.apply({ name: "mine", mine: { upvoted: [...engagement.mine.upvoted, question.id] } });
    const answer = await store.connection.call("question.upvote", choice);
    if (answer.ok) store.apply({ name: "question.told", question: answer.ok.question });
    else {
      if (answer.refused.code !== "question.already_upvoted") {
        store.apply({ name: "mine", mine: { upvoted: engagement.mine.upvoted.filter((id) => id !== question.id) } });
      }
      refuse(answer.refused);
    }
  };
  const work = async (event: "question.pick" | "question.answer" | "question.dismiss") => {
    const answer = await store.connection.call(event, choice);
    if (answer.ok) store.apply({ name: "question.told", question: answer.ok.question });
    else refuse(answer.refused);
  };
  const picked = question.status === "picked";
  return (
    <li class="question" data-testid={ids.question} data-question-id={question.id} data-picked={picked}>
      <div class="question-text">
        {picked ? <span class="badge" data-badge="picked">{t.answeredNow()}</span> : null}
        <p dir="auto">{question.text}</p>
        <small><bdi>{question.name}</bdi>{own ? ` · ${t.yours()}` : ""}</small>
      </div>
      <button type="button" class="upvote" data-testid={ids.upvote} aria-pressed={upvoted} disabled={own}
        aria-label={`${t.upvote()}: ${question.text}. ${t.upvotes({ count: question.upvotes })}`} onClick={() => void upvote()}>
        <Icon name="up" /><span aria-hidden="true">{question.upvotes}</span>
      </button>
      {works ? (
        <div class="question-work">
          {picked ? null : <button type="button" class="button button-quiet button-small" data-testid={ids.questionPick} onClick={() => void work("question.pick")}>{t.pickQuestion()}</button>}
          <button type="button" class="button button-quiet button-small" data-testid={ids.questionAnswer} onClick={() => void work("question.answer")}><Icon name="check" />{t.markAnswered()}</button>
          <button type="button" class="link-button" data-testid={ids.questionDismiss} onClick={() => void work("question.dismiss")}>{t.dismiss()}</button>
        </div>
      ) : null}
    </li>
  );
}
