import { catalogue } from "./language.ts";
import { words } from "./gen/business.en.ts";

export const business = catalogue(words, () => import("./gen/business.hi.ts"));
