import { catalogue } from "./language.ts";
import { words } from "./gen/payment.en.ts";

export const payment = catalogue(words, () => import("./gen/payment.hi.ts"));
