import { catalogue } from "./language.ts";
import { words } from "./gen/common.en.ts";

export const common = catalogue(words, () => import("./gen/common.hi.ts"));
