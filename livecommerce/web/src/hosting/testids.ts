/**
 * Handles for tests of those who look after a live session, on the viewer page and in the studio.
 *
 * On a message (opened by its `chat-more`): `message-actions` `message-delete` `message-mute-<seconds>` `message-ban`
 *   `ban-confirm` `message-hide` `message-pin` `message-reply` `appoint-open` `right-<moderate_chat|pin_products|see_orders>`
 *   `everywhere` `appoint`
 * Desk: `desk-<review|questions|poll|giveaway|announce|rules|words|people|log|clear>` (data-count) `desk-back` `sales-line`
 *   `held` (data-message-id) `approve` `refuse` `rule-enabled` `rule-audience` `rule-slow` `rule-links` `rule-filter`
 *   `word-text` `word-add` `word` `announce-text` `announce-pinned` `announce-send` `clear-confirm`
 *   `moderator` (data-user-id) `moderator-dismiss` `member` (data-user-id) `unmute` `unban` `unhide` `log-row`
 *   `poll-question` `poll-choice-<n>` `poll-minutes` `poll-start` `poll-close` `poll-close-confirm`
 *   `giveaway-prize` `giveaway-winners` `giveaway-needs` `giveaway-minutes` `giveaway-start` `giveaway-confirm`
 *   `giveaway-draw` `giveaway-draw-confirm`
 * Studio: `room-chat` `room-questions` `room-desk` (the parts of its chat column)
 */
export const hostingIds = {
  actions: "message-actions",
  remove: "message-delete",
  mute: (seconds: number) => `message-mute-${seconds}`,
  ban: "message-ban",
  banConfirm: "ban-confirm",
  hide: "message-hide",
  pinMessage: "message-pin",
  reply: "message-reply",
  appointOpen: "appoint-open",
  right: (right: string) => `right-${right}`,
  everywhere: "everywhere",
  appoint: "appoint",
  desk: (part: string) => `desk-${part}`,
  back: "desk-back",
  salesLine: "sales-line",
  held: "held",
  approve: "approve",
  refuse: "refuse",
  rule: (rule: string) => `rule-${rule}`,
  wordText: "word-text",
  wordAdd: "word-add",
  word: "word",
  announceText: "announce-text",
  announcePinned: "announce-pinned",
  announceSend: "announce-send",
  clearConfirm: "clear-confirm",
  moderator: "moderator",
  moderatorDismiss: "moderator-dismiss",
  member: "member",
  unmute: "unmute",
  unban: "unban",
  unhide: "unhide",
  logRow: "log-row",
  pollQuestion: "poll-question",
  pollChoice: (at: number) => `poll-choice-${at}`,
  pollMinutes: "poll-minutes",
  pollStart: "poll-start",
  pollClose: "poll-close",
  pollCloseConfirm: "poll-close-confirm",
  prize: "giveaway-prize",
  winners: "giveaway-winners",
  needs: "giveaway-needs",
  giveawayMinutes: "giveaway-minutes",
  giveawayStart: "giveaway-start",
  giveawayConfirm: "giveaway-confirm",
  draw: "giveaway-draw",
  drawConfirm: "giveaway-draw-confirm",
  room: (part: string) => `room-${part}`,
} as const;
