/**
 * The check that anybody can make of a draw, as docs/giveaways.md describes it: the seed is the one that was
 * promised, the entries are those that were counted, and the winners follow from the two.
 */
import type { Giveaway } from "../wire/contract.gen.ts";

/** What GET /giveaways/{id} publishes with the draw. */
export interface DrawRecord extends Giveaway {
  readonly entry_ids: readonly string[] | null;
}

export type DrawFault = "seed" | "entries" | "winners";

const utf8 = (text: string) => new TextEncoder().encode(text);
const bytesOf = (hex: string) => new Uint8Array((hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
const hexOf = (buffer: ArrayBuffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexOf(await crypto.subtle.digest("SHA-256", bytes));
}

/** The entries that win, the first place first. */
export async function winnersOf(seed: string, giveaway_id: string, entry_ids: readonly string[], winners_max: number): Promise<readonly string[]> {
  const key = await crypto.subtle.importKey("raw", bytesOf(seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const left = [...entry_ids].sort();
  const about = `${giveaway_id}:${await sha256(utf8(left.join("\n")))}`;
  const won: string[] = [];
  for (let place = 1; place <= winners_max && left.length > 0; place += 1) {
    const digest = hexOf(await crypto.subtle.sign("HMAC", key, utf8(`${about}:${place}`)));
    won.push(...left.splice(Number(BigInt(`0x${digest}`) % BigInt(left.length)), 1));
  }
  return won;
}

/** What is wrong with a drawn giveaway; nothing when it is as it must be. promised: the seed_hash of while entries were taken. */
export async function drawFaults(record: DrawRecord, promised: string): Promise<readonly DrawFault[]> {
  const { seed, entry_ids } = record;
  if (seed === null || entry_ids === null) return ["entries"];
  const faults: DrawFault[] = [];
  if ((await sha256(bytesOf(seed))) !== promised || record.seed_hash !== promised) faults.push("seed");
  const isComplete = new Set(entry_ids).size === entry_ids.length && entry_ids.length === record.entries;
  if (!isComplete || (await sha256(utf8([...entry_ids].sort().join("\n")))) !== record.entries_hash) faults.push("entries");
  const won = await winnersOf(seed, record.id, entry_ids, record.winners_max);
  if (won.join() !== record.winners.map((winner) => winner.entry_id).join()) faults.push("winners");
  return faults;
}
