import { places } from "../lists/place.ts";

export const { place, to, go, follow } = places({ view: "orders", status: "", search: "", after: "", order: "" });
