import type { Reply } from "../wire/rest.ts";
import { payees, type Payee } from "./api.ts";

/** All payees with a balance, page after page: a payout run pays every one of them. */
export async function everybody(): Promise<Reply<readonly Payee[]>> {
  const found: Payee[] = [];
  for (let after = ""; ;) {
    const answer = await payees(after);
    if (!answer.ok) return answer;
    found.push(...answer.ok.payees);
    if (answer.ok.next === null) return { ok: found };
    after = answer.ok.next;
  }
}
