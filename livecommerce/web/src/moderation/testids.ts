/**
 * Handles for tests of `/admin/reviews`: `filter-<all|published|hidden>` `review-<id>` (its data-status) `review-hide`
 *   `review-show` `hide-reason-<name>` `hide-text` `confirm-hide`
 */
export const ids = {
  review: (id: string) => `review-${id}`,
  hide: "review-hide",
  show: "review-show",
  reason: (name: string) => `hide-reason-${name}`,
  text: "hide-text",
  confirm: "confirm-hide",
} as const;
