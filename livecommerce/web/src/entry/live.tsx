import "../style/live.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { rememberReferral } from "../cart/touch.ts";
import { languageReady } from "../i18n/language.ts";
import { LivePageView } from "../live/page.tsx";
import { openLivePage } from "../live/page-state.ts";
import { followKeyboard } from "../ui/keyboard.ts";
import { keepAwake } from "../ui/wake-lock.ts";
import { restore } from "../wire/identity.ts";

rememberReferral();
// The connection opens and the video is asked for before anything is drawn.
const page = openLivePage(decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1) ?? ""));
void restore();
followKeyboard();

const awake = keepAwake();
effect(() => awake.set(page.stage.value === "live"));

void languageReady().then(() => render(<LivePageView page={page} />, document.getElementById("app")!));
