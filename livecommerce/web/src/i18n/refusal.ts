/** Sentences for refusal codes that any page may meet; a part's own codes are worded by that part. */
import type { Refusal } from "../wire/rest.ts";
import { common } from "./common.ts";

export function refusalText(refusal: Refusal): string {
  const t = common.value;
  const sentence = sentences[refusal.code]?.() ?? (refusal.message || t.somethingWrong());
  return refusal.retry_after_s ? `${sentence} ${t.waitSeconds({ seconds: Math.ceil(refusal.retry_after_s) })}` : sentence;
}

const sentences: Record<string, (() => string) | undefined> = {
  "connection.lost": () => common.value.connectionLost(),
  "connection.timeout": () => common.value.connectionTimeout(),
  "service.unavailable": () => common.value.unavailable(),
  "auth.required": () => common.value.authRequired(),
  "auth.forbidden": () => common.value.authForbidden(),
  "auth.invalid": () => common.value.authInvalid(),
  "rate.limited": () => common.value.rateLimited(),
  "session.banned": () => common.value.sessionBanned(),
  "session.not_found": () => common.value.sessionNotFound(),
  "session.wrong_state": () => common.value.sessionWrongState(),
};
