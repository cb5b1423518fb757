import { catalogue } from "./language.ts";
import { words } from "./gen/bag.en.ts";

export const bag = catalogue(words, () => import("./gen/bag.hi.ts"));
