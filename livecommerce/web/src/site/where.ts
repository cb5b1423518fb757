import type { Person } from "../wire/identity.ts";

/** Where a person goes after signing in: the page that asked for it, else where the role works. */
export function whereNext(role: Person["role"], search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  // Only a path of this site: "//host" and "/\host" would leave it.
  if (/^\/(?![/\\])/.test(next) && next !== "/log-in") return next;
  return { influencer: "/studio", customer: "/", wholesaler: "/business", admin: "/admin/queries" }[role];
}
