import { places } from "../lists/place.ts";

export const here = places({ status: "all", after: "" });
