import { catalogue } from "./language.ts";
import { words } from "./gen/orderdesk.en.ts";

export const orderdesk = catalogue(words, () => import("./gen/orderdesk.hi.ts"));
