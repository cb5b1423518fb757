import { catalogue } from "./language.ts";
import { words } from "./gen/orders.en.ts";

export const orders = catalogue(words, () => import("./gen/orders.hi.ts"));
