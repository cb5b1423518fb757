/** What the server tells of one's own orders while the page is open; the connection comes after the page is drawn. */
import { useEffect, useRef } from "preact/hooks";

type Listener = (order_id: string) => void;

const listeners = new Set<Listener>();
let begun = false;

function begin(): void {
  if (begun) return;
  begun = true;
  void import("../wire/socket.ts").then(({ connect }) => {
    const connection = connect();
    const tell = (order_id: string) => { for (const listener of listeners) listener(order_id); };
    connection.on("order.updated", ({ order }) => tell(order.id));
    let isFirst = true;
    // What was told while the connection was lost is lost: everything may have changed.
    connection.onOpen(() => {
      if (!isFirst) tell("");
      isFirst = false;
    });
    addEventListener("pagehide", () => connection.close());
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      connection.reopen();
      tell("");
    });
  }).catch(() => { begun = false; });
}

/** order_id: null for any of one's orders. */
export function useHeard(order_id: string | null, work: () => void): void {
  const newest = useRef(work);
  newest.current = work;
  useEffect(() => {
    const listener: Listener = (told) => { if (order_id === null || told === "" || told === order_id) newest.current(); };
    listeners.add(listener);
    begin();
    return () => { listeners.delete(listener); };
  }, [order_id]);
}
