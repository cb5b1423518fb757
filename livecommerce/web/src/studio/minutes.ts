/** How many watched, minute by minute, as bars. Pure. */
export interface MinuteFigures {
  at_ms: number;
  joins: number;
  peak_viewers: number;
}

export interface Bar {
  at_ms: number;
  peak: number;
}

const minute_ms = 60_000;

/** At most `most` bars of equal time from the first minute to the last; in each the greatest number that was there. */
export function bars(minutes: readonly MinuteFigures[], most: number): Bar[] {
  const first = minutes[0]?.at_ms, last = minutes.at(-1)?.at_ms;
  if (first === undefined || last === undefined) return [];
  const count = (last - first) / minute_ms + 1;
  const each = Math.ceil(count / most);
  const found = Array.from({ length: Math.ceil(count / each) }, (_, at) => ({ at_ms: first + at * each * minute_ms, peak: 0 }));
  for (const { at_ms, peak_viewers } of minutes) {
    const bar = found[Math.floor((at_ms - first) / minute_ms / each)]!;
    bar.peak = Math.max(bar.peak, peak_viewers);
  }
  return found;
}
