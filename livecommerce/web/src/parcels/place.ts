import { places } from "../lists/place.ts";

export const { place, to, go, follow } = places({ view: "orders", shelf: "to_pack", status: "open", after: "", order: "" });
