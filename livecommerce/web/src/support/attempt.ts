/**
 * The id of what is sent: the same contents keep theirs through double taps, retries and lost answers, so that they
 * are taken once; other contents get another. `done` forgets it: the same words may be said again.
 */
export class Attempts {
  private last: { id: string; contents: string } | null = null;

  constructor(private readonly newId: () => string) {}

  idOf(contents: unknown): string {
    const text = JSON.stringify(contents);
    if (this.last?.contents !== text) this.last = { id: this.newId(), contents: text };
    return this.last.id;
  }

  done(): void {
    this.last = null;
  }
}
