import { catalogue } from "./language.ts";
import { words } from "./gen/site.en.ts";

export const site = catalogue(words, () => import("./gen/site.hi.ts"));
