import { catalogue } from "./language.ts";
import { words } from "./gen/live.en.ts";

export const live = catalogue(words, () => import("./gen/live.hi.ts"));
