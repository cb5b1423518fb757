/** Who may watch a live session, in plain words. */
import type { words as english } from "../i18n/gen/studio.en.ts";
import type { Visibility } from "./api.ts";

export const visibilities: readonly Visibility[] = ["public", "unlisted", "private"];

export function visibilityText(t: typeof english, visibility: Visibility): string {
  const texts: Record<Visibility, () => string> = { public: t.visibilityPublic, unlisted: t.visibilityUnlisted, private: t.visibilityPrivate };
  return texts[visibility]();
}
