/**
 * The GSTIN of a business that buys, judged as the server does (shop/identifiers.py), so that what is mistyped is
 * said beside the field and not after the order. The server has the last word. Pure.
 */

/** The server's reasons. */
export type GstinFault = "gst.malformed" | "gst.state_unknown" | "gst.check_digit";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const shape = /^\d{2}[A-Z]{3}[ABCEFGHJKLPT][A-Z]\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]$/;

/** In its one spelling: people write it in groups, as it is printed. */
export const spelled = (typed: string): string => typed.replace(/[\s-]/g, "").toUpperCase();

/** What is wrong with it; null for a GSTIN that can be one. */
export function gstinFault(typed: string): GstinFault | null {
  const code = spelled(typed);
  if (!shape.test(code) || code.slice(7, 11) === "0000") return "gst.malformed";
  const state = Number(code.slice(0, 2));
  if (state === 0 || (state > 38 && state !== 97 && state !== 99)) return "gst.state_unknown";
  return sum(code) % 36 === 0 ? null : "gst.check_digit";
}

/** Luhn's algorithm over 36 digits: every second one from the right counts double, by the digits of the double. */
function sum(code: string): number {
  return [...code].reverse().reduce((so_far, char, place) => {
    const value = digits.indexOf(char) * (place % 2 === 1 ? 2 : 1);
    return so_far + Math.floor(value / 36) + (value % 36);
  }, 0);
}
