import { catalogue } from "./language.ts";
import { words } from "./gen/studio.en.ts";

export const studio = catalogue(words, () => import("./gen/studio.hi.ts"));
