import { catalogue } from "./language.ts";
import { words } from "./gen/parcels.en.ts";

export const parcels = catalogue(words, () => import("./gen/parcels.hi.ts"));
