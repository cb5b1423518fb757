import { catalogue } from "./language.ts";
import { words } from "./gen/cashdesk.en.ts";

export const cashdesk = catalogue(words, () => import("./gen/cashdesk.hi.ts"));
