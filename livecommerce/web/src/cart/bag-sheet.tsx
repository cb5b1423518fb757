/** The bag over the playing video. */
import { useRef } from "preact/hooks";
import type { Frame } from "../buy/parts.tsx";
import { buy as buyWords } from "../i18n/buy.ts";
import type { LivePage } from "../live/page-state.ts";
import { ids } from "../testids.ts";
import { Sheet } from "../ui/sheet.tsx";
import { Bag } from "./bag.tsx";

export function BagSheet({ page, onClose }: { page: LivePage; onClose: () => void }) {
  const frame = useRef<Frame>((props) => <Sheet {...props} testid={ids.bagSheet} onClose={onClose} />).current;
  return (
    <Bag call={page.store.connection.call} frame={frame} live_session_id={page.store.id} onClose={onClose} closeText={buyWords.value.keepWatching()}
      newest={(order) => page.store.state.value.orders[order.id] ?? order} />
  );
}
