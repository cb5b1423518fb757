import { catalogue } from "./language.ts";
import { words } from "./gen/moderation.en.ts";

export const moderation = catalogue(words, () => import("./gen/moderation.hi.ts"));
