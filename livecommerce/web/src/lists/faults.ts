/** To the first field that is wrong, once the page has said so. */
export function focusFirstFault(within: ParentNode | null): void {
  requestAnimationFrame(() => within?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
}
