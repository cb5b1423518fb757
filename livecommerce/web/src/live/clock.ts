/**
 * The server's time, whatever the phone's clock says.
 *
 * Each sample takes the middle of a call as the moment at which the server read its clock; of all samples the
 * one with the shortest round trip wins. Afterwards time runs on performance.now().
 */

export interface Sample {
  /** Server time minus performance.now(), in ms. */
  offset_ms: number;
  round_trip_ms: number;
}

export function sample(sent_ms: number, received_ms: number, server_time_ms: number): Sample {
  return { offset_ms: server_time_ms - (sent_ms + received_ms) / 2, round_trip_ms: received_ms - sent_ms };
}

/** Keep the better of two samples; a missing one loses. */
export function better(kept: Sample | null, fresh: Sample): Sample {
  return kept !== null && kept.round_trip_ms < fresh.round_trip_ms ? kept : fresh;
}

/** Server time now; the device's clock until the first sample. */
export function serverNow(kept: Sample | null): number {
  return kept === null ? Date.now() : performance.now() + kept.offset_ms;
}
