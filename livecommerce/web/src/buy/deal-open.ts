import type { Refusal } from "../wire/rest.ts";

/** Fewer pieces can still be had at the deal's price: the prices that such a refusal quotes are those without the deal. */
export const isDealOpen = ({ code, details }: Refusal): boolean => code === "order.limit_reached" && Number(details?.left) > 0;
