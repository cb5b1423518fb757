import { places } from "../lists/place.ts";

export const here = places({ view: "payouts", status: "", batch: "", payee: "", after: "", account: "all", coupon: "" });
