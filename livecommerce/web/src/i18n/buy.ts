import { catalogue } from "./language.ts";
import { words } from "./gen/buy.en.ts";

export const buy = catalogue(words, () => import("./gen/buy.hi.ts"));
