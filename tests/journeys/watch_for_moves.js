/*
 * Answers of the REST interface come late and the latest asked for first, the worst order for a page that draws what it
 * has; and whatever can be tapped is noted when it moves after it was seen. Runs before the page's own script.
 */
(() => {
  const tappable = "a[href], button, input, select, textarea, summary";
  const step_ms = 150;
  const steps = 5;
  const quiet_ms = 450;
  const slack_px = 3;
  const patience_ms = 30_000;
  const places = new WeakMap();
  const moves = [];
  let asked = 0;
  let waiting = 0;
  let changed_ms = 0;

  const fetchNow = window.fetch;
  window.fetch = async (...call) => {
    const url = String(call[0]?.url ?? call[0]);
    if (!url.includes("/api/v1/")) return fetchNow(...call);
    // Nothing else is asked before it is known who this is.
    const turn = url.includes("/auth/") ? 0 : asked++;
    waiting += 1;
    try {
      const answer = await fetchNow(...call);
      await new Promise((done) => setTimeout(done, step_ms * Math.max(1, steps - turn)));
      return answer;
    } finally {
      setTimeout(() => { waiting -= 1; });
    }
  };

  const nameOf = (it) => it.dataset.testid ?? (it.getAttribute("aria-label") ?? it.textContent ?? "").trim().slice(0, 40);
  const isSeen = (it, box) => box.width > 1 && box.height > 1 && it.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const look = (now_ms) => {
    let seen = 0;
    for (const it of document.querySelectorAll(tappable)) {
      const box = it.getBoundingClientRect();
      if (!isSeen(it, box)) { places.delete(it); continue; }
      seen += 1;
      const place = { x: Math.round(box.left + scrollX), y: Math.round(box.top + scrollY) };
      const before = places.get(it);
      if (before === undefined || before.x !== place.x || before.y !== place.y) changed_ms = now_ms;
      if (before && (Math.abs(before.x - place.x) > slack_px || Math.abs(before.y - place.y) > slack_px)) {
        moves.push(`${it.localName} "${nameOf(it)}" from ${before.x},${before.y} to ${place.x},${place.y}`);
      }
      places.set(it, place);
    }
    if (waiting > 0 || seen === 0) changed_ms = now_ms;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  /* What moved, once everything is there and has stood still for a while. */
  window.movesWhenQuiet = async () => {
    while (changed_ms === 0 || performance.now() - changed_ms < quiet_ms) {
      if (performance.now() > patience_ms) throw new Error(`still waiting for ${waiting} answers`);
      await new Promise(requestAnimationFrame);
    }
    return moves;
  };
})();
