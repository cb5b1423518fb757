/**
 * Handles for tests of the support pages; apart from those of the viewer page, whose script they would lengthen.
 *
 * Customer: `help-new` `help-form` `help-category` `help-order` `help-subject` `help-message` `help-submit`
 *   `query-<ticket>` (a row of either list) `ticket` `query-status` (its data-status) `deadline` (its data-late)
 *   `thread-message` (its data-author) `reply` `reply-send` `close-query` `confirm-close`
 * Admin: `shelf-<status>` (filters, with their counts) `filter-overdue` `filter-mine` `ticket-search` `assign`
 *   `answer` `send-answer` `send-resolve` `resolve` `escalate` `confirm-escalate` `close-query` `confirm-close`
 *   `priority` `note` `add-note` `staff-note` `query-order` (the link to its order)
 */
export const ids = {
  newQuery: "help-new",
  form: "help-form",
  field: (name: string) => `help-${name}`,
  row: (ticket: string) => `query-${ticket}`,
  ticket: "ticket",
  status: "query-status",
  deadline: "deadline",
  message: "thread-message",
  reply: "reply",
  replySend: "reply-send",
  close: "close-query",
  confirmClose: "confirm-close",
  shelf: (status: string) => `shelf-${status}`,
  overdue: "filter-overdue",
  mine: "filter-mine",
  search: "ticket-search",
  assign: "assign",
  answer: "answer",
  sendAnswer: "send-answer",
  order: "query-order",
  sendResolve: "send-resolve",
  resolve: "resolve",
  escalate: "escalate",
  confirmEscalate: "confirm-escalate",
  priority: "priority",
  note: "note",
  addNote: "add-note",
  staffNote: "staff-note",
} as const;
