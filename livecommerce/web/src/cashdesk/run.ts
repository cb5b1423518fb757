/** What the next payout run would pay, and whom it would leave out. */
import type { Payee } from "./api.ts";

export interface Left {
  problem: string;
  payees: number;
  amount_minor: number;
}

export interface Preview {
  payees: number;
  wholesalers: number;
  influencers: number;
  amount_minor: number;
  left: readonly Left[];
}

export function preview(payees: readonly Payee[]): Preview {
  const paid = payees.filter((payee) => payee.problem === null);
  const left = new Map<string, Left>();
  for (const { problem, available_minor } of payees) {
    // Whoever waits for the hold only is not left out of anything.
    if (problem === null || available_minor === 0) continue;
    const before = left.get(problem) ?? { problem, payees: 0, amount_minor: 0 };
    left.set(problem, { problem, payees: before.payees + 1, amount_minor: before.amount_minor + available_minor });
  }
  return {
    payees: paid.length,
    wholesalers: paid.filter(({ kind }) => kind === "wholesaler").length,
    influencers: paid.filter(({ kind }) => kind === "influencer").length,
    amount_minor: sum(paid.map(({ available_minor }) => available_minor)),
    left: [...left.values()].sort((a, b) => b.payees - a.payees),
  };
}

export function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

/** A confirmation typed in any script: case, blanks around it and the way accents are composed do not matter. */
export function isTyped(word: string, typed: string): boolean {
  const plain = (text: string) => text.normalize("NFC").trim().toLowerCase();
  return plain(word) !== "" && plain(word) === plain(typed);
}
