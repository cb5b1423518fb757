/** The number of a transfer in UPI (UTR): 12 digits, typed with or without blanks; null for what is none. */
export function utr(text: string): string | null {
  const plain = text.replace(/[\s-]/g, "");
  return /^\d{12}$/.test(plain) ? plain : null;
}
