import { catalogue } from "./language.ts";
import { words } from "./gen/together.en.ts";

export const together = catalogue(words, () => import("./gen/together.hi.ts"));
