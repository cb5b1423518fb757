/** Courier, tracking number and link as typed, and what is wrong with them. */
import type { Tracking } from "./api.ts";

export interface TrackingDraft {
  carrier: string;
  tracking_number: string;
  tracking_url: string;
}

export type TrackingFault = "carrier_missing" | "number_long" | "carrier_long" | "link_not_web";

export const noTracking: TrackingDraft = { carrier: "", tracking_number: "", tracking_url: "" };
/** Names to choose from; any other may be typed. */
export const couriers = ["India Post", "Blue Dart", "Delhivery", "DTDC", "Ecom Express", "Ekart", "Shadowfax", "XpressBees"] as const;

const longest = 100;

export function draftOf(tracking: Tracking): TrackingDraft {
  return { carrier: tracking.carrier ?? "", tracking_number: tracking.tracking_number ?? "", tracking_url: tracking.tracking_url ?? "" };
}

/** All three may be left out (own delivery); a number or a link without a courier helps nobody. */
export function trackingFaults(draft: TrackingDraft): Partial<Record<keyof TrackingDraft, TrackingFault>> {
  const { carrier, tracking_number, tracking_url } = trackingOf(draft);
  const faults: Partial<Record<keyof TrackingDraft, TrackingFault>> = {};
  if (carrier === null && (tracking_number !== null || tracking_url !== null)) faults.carrier = "carrier_missing";
  if ((carrier ?? "").length > longest) faults.carrier = "carrier_long";
  if ((tracking_number ?? "").length > longest) faults.tracking_number = "number_long";
  if (tracking_url !== null && !isWebLink(tracking_url)) faults.tracking_url = "link_not_web";
  return faults;
}

export function trackingOf(draft: TrackingDraft): Tracking {
  const given = (text: string) => text.trim() || null;
  // Numbers are copied from labels and chats with blanks in them.
  return { carrier: given(draft.carrier), tracking_number: given(draft.tracking_number.replace(/\s+/g, "")), tracking_url: given(draft.tracking_url) };
}

/** The only links that are shown as links: what a stranger typed never becomes a script. */
export function isWebLink(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
