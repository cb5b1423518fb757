/** Paging of this page's lists. */
import { Pager } from "../lists/listed.tsx";
import { here } from "./place.ts";

export function More({ next }: { next: string | null | undefined }) {
  const { after } = here.place.value;
  return <Pager older={next ? here.follow(here.to({ after: next })) : null} first={after === "" ? null : here.follow(here.to({ after: "" }))} />;
}
