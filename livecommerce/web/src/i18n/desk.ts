import { catalogue } from "./language.ts";
import { words } from "./gen/desk.en.ts";

export const desk = catalogue(words, () => import("./gen/desk.hi.ts"));
