import { catalogue } from "./language.ts";
import { words } from "./gen/help.en.ts";

export const help = catalogue(words, () => import("./gen/help.hi.ts"));
