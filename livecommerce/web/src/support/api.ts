/** Support's REST calls, the customer's and the admins'; shapes as the server's OpenAPI document gives them. */
import type { QueryCategory, QueryMessageAuthorKind, QueryPriority, QueryStatus } from "@/types/database";
import { restAs } from "../wire/identity.ts";

export interface Message {
  id: string;
  author: QueryMessageAuthorKind;
  body: string;
  at_ms: number;
}

/** What both sides see of a query. */
export interface Query {
  id: string;
  ticket_number: string;
  subject: string;
  category: QueryCategory;
  status: QueryStatus;
  order_number: string | null;
  created_at_ms: number;
  updated_at_ms: number;
  ack_due_at_ms: number;
  acknowledged_at_ms: number | null;
  redress_due_at_ms: number;
  resolved_at_ms: number | null;
}

export interface MyQuery extends Query {
  /** In a list, its beginning. */
  message: string;
  closed_at_ms: number | null;
  order_id: string | null;
  is_overdue: boolean;
}

export interface MyThread extends MyQuery {
  messages: readonly Message[];
}

export interface QueuedQuery extends Query {
  priority: QueryPriority;
  customer_name: string;
  assigned_to: string | null;
  is_mine: boolean;
  is_ack_overdue: boolean;
  is_redress_overdue: boolean;
  is_redress_near: boolean;
}

export interface StaffMessage extends Message {
  author_user_id: string | null;
}

export interface StaffNote {
  id: string;
  author_user_id: string | null;
  body: string;
  at_ms: number;
}

export interface StaffThread extends QueuedQuery {
  message: string;
  first_response_at_ms: number | null;
  escalated_at_ms: number | null;
  closed_at_ms: number | null;
  resolution_time_hours: number | null;
  customer_email: string;
  customer_phone: string;
  order_id: string | null;
  order_status: string | null;
  messages: readonly StaffMessage[];
  notes: readonly StaffNote[];
}

export interface Counts {
  waiting: number;
  opened: number;
  in_progress: number;
  escalated: number;
  overdue: number;
  mine: number;
}

export type Shelf = "waiting" | QueryStatus;

export interface Filters {
  status: Shelf;
  overdue: boolean;
  mine: boolean;
  search: string;
}

export interface NewQuery {
  category: QueryCategory;
  order_id: string | null;
  subject: string;
  message: string;
}

export const longestSubject = 200;
export const longestMessage = 5000;

const one = (path: string, body: unknown) => restAs<{ query: MyThread }>(`/queries/${path}`, { method: "POST", body });
export const myQueries = (after: string) => restAs<{ queries: MyQuery[]; next: string | null }>(`/queries?after=${encodeURIComponent(after)}`);
export const myQuery = (id: string) => restAs<{ query: MyThread }>(`/queries/${id}`);
export const openQuery = (id: string, query: NewQuery) => restAs<{ query: MyThread }>("/queries", { method: "POST", body: { id, ...query } });
export const reply = (id: string, message_id: string, body: string) => one(`${id}/messages`, { id: message_id, body });
export const closeMine = (id: string) => one(`${id}/close`, {});

export type Work = "assign" | "respond" | "escalate" | "resolve" | "close" | "priority" | "notes";
export const staffQuery = (id: string) => restAs<{ query: StaffThread }>(`/admin/queries/${id}`);
export const work = (id: string, what: Work, body: unknown) =>
  restAs<{ query: StaffThread }>(`/admin/queries/${id}/${what}`, { method: "POST", body });

export function queue({ status, overdue, mine, search }: Filters, after: string) {
  const filters = new URLSearchParams({ status, overdue: String(overdue), mine: String(mine), search, after });
  return restAs<{ queries: QueuedQuery[]; next: string | null; counts: Counts }>(`/admin/queries?${filters}`);
}
