/** One page of a list from the server, with every state that it can be in; the rows before stay, dimmed, meanwhile. */
import type { ComponentChildren } from "preact";
import { common } from "../i18n/common.ts";
import { lists as words } from "../i18n/lists.ts";
import { LoadFailed } from "../site/shell.tsx";
import { useLoaded } from "../support/loaded.ts";
import type { Refusal, Reply } from "../wire/rest.ts";

export interface Listed<T> {
  page: T | null;
  /** What is shown belongs to the filter before. */
  isStale: boolean;
  refusal: Refusal | null;
  load: () => Promise<void>;
  put: (page: T) => void;
}

export function useListed<T>(key: string, ask: () => Promise<Reply<T>>): Listed<T> {
  const loaded = useLoaded(key, async (): Promise<Reply<{ key: string; page: T }>> => {
    const answer = await ask();
    return answer.refused ? { refused: answer.refused } : { ok: { key, page: answer.ok } };
  });
  const shown = loaded.value.value;
  return {
    page: shown?.page ?? null,
    isStale: shown !== null && shown.key !== key,
    refusal: loaded.refusal.value,
    load: loaded.load,
    put: (page) => loaded.put({ key, page }),
  };
}

interface ListViewProps<T> {
  listed: Listed<T>;
  sentence: (refusal: Refusal) => string;
  children: (page: T) => ComponentChildren;
}

export function ListView<T>({ listed, sentence, children }: ListViewProps<T>) {
  const { page, refusal } = listed;
  return (
    <>
      {refusal ? <LoadFailed text={`${words.value.loadFailed()} ${sentence(refusal)}`} onRetry={() => void listed.load()} /> : null}
      {page === null ? (refusal ? null : <p class="working skeleton" role="status"><span class="spinner" />{common.value.loading()}</p>) : (
        <div class="listed" data-stale={listed.isStale || refusal !== null} aria-busy={listed.isStale}>{children(page)}</div>
      )}
    </>
  );
}

type Way = { href: string; onClick: (event: MouseEvent) => void };

/** Keyset paging: further down, or back to the top; the browser's Back goes one page up. */
export function Pager({ older, first }: { older: Way | null; first: Way | null }) {
  const t = words.value;
  if (!older && !first) return null;
  return (
    <nav class="pager" aria-label={t.pages()}>
      {first ? <a class="button button-quiet" {...first}>{t.first()}</a> : null}
      {older ? <a class="button button-quiet" data-testid="older" {...older}>{t.further()}</a> : null}
    </nav>
  );
}
