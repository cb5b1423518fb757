/**
 * The on-screen keyboard. Chromium resizes the page for it (interactive-widget); WebKit only shrinks the visual
 * viewport, so what it covers goes into --kb, which the composer and open sheets add to their bottom.
 */
export function followKeyboard(): void {
  const viewport = visualViewport;
  const root = document.documentElement;
  if (viewport) {
    const place = () => {
      const covered = Math.max(0, innerHeight - viewport.height - viewport.offsetTop);
      root.style.setProperty("--kb", `${covered > 80 && viewport.scale < 1.05 ? Math.round(covered) : 0}px`);
    };
    viewport.addEventListener("resize", place);
    viewport.addEventListener("scroll", place);
    place();
  }
  const coarse = matchMedia("(pointer: coarse)");
  const typing = () => root.toggleAttribute("data-typing", coarse.matches && document.activeElement?.closest(".composer") != null);
  // A tap elsewhere takes the focus at its start; what it aims at may not move before its end.
  let pressed = false;
  const settle = () => setTimeout(typing, 60);
  addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressed = false; settle(); }, true);
  addEventListener("focusin", () => { if (!pressed) typing(); });
  addEventListener("focusout", () => { if (!pressed) settle(); });
}
