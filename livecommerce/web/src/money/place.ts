import { places } from "../lists/place.ts";

export const here = places({ view: "statement", account: "all", after: "", coupon: "" });
