import { catalogue } from "./language.ts";
import { words } from "./gen/coupons.en.ts";

export const coupons = catalogue(words, () => import("./gen/coupons.hi.ts"));
