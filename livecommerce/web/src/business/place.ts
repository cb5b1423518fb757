/** Where on the wholesaler's desk of products; it stands in the address. */
import { places } from "../lists/place.ts";

/** product: an id, or "new". view: "", "stock" (of a product) or "import". */
export const at = places({ product: "", view: "", search: "", state: "all", after: "" });
export const toList = () => at.follow(at.to({ product: "", view: "" }));
