import { catalogue } from "./language.ts";
import { words } from "./gen/shop.en.ts";

export const shop = catalogue(words, () => import("./gen/shop.hi.ts"));
