import { catalogue } from "./language.ts";
import { words } from "./gen/lists.en.ts";

export const lists = catalogue(words, () => import("./gen/lists.hi.ts"));
