import { catalogue } from "./language.ts";
import { words } from "./gen/figures.en.ts";

export const figures = catalogue(words, () => import("./gen/figures.hi.ts"));
