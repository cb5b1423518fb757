import { catalogue } from "./language.ts";
import { words } from "./gen/hosting.en.ts";

export const hosting = catalogue(words, () => import("./gen/hosting.hi.ts"));
