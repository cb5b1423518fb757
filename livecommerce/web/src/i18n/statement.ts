import { catalogue } from "./language.ts";
import { words } from "./gen/statement.en.ts";

export const statement = catalogue(words, () => import("./gen/statement.hi.ts"));
