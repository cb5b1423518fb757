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
  const typing = () => {
    const active = document.activeElement;
    root.toggleAttribute("data-typing", coarse.matches && active instanceof HTMLElement && active.closest(".composer") !== null);
  };
  addEventListener("focusin", typing);
  addEventListener("focusout", () => setTimeout(typing));
}
