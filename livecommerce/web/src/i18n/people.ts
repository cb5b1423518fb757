import { catalogue } from "./language.ts";
import { words } from "./gen/people.en.ts";

export const people = catalogue(words, () => import("./gen/people.hi.ts"));
