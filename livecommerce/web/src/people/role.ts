import { people as words } from "../i18n/people.ts";
import type { Person } from "../wire/identity.ts";

/** The role in words. */
export function roleText(role: Person["role"]): string {
  const t = words.value;
  return { customer: t.customer, influencer: t.influencer, wholesaler: t.wholesaler, admin: t.admin }[role]();
}
