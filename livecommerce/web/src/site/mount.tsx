import { render, type ComponentType } from "preact";
import { rememberReferral } from "../cart/touch.ts";
import { languageReady } from "../i18n/language.ts";
import { restore } from "../wire/identity.ts";

/** Draw a page at once, and learn meanwhile who is signed in. */
export function mount(Page: ComponentType): void {
  rememberReferral();
  void restore();
  void languageReady().then(() => render(<Page />, document.getElementById("app")!));
}
