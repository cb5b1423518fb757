/** The bag as a page of its own, for everything that was put in on the way. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { bag as words } from "../i18n/bag.ts";
import { Shell } from "../site/shell.tsx";
import type { Order } from "../wire/contract.gen.ts";
import { connect } from "../wire/socket.ts";
import type { Frame } from "../buy/parts.tsx";
import { Bag } from "./bag.tsx";

export function BagPage() {
  const told = useSignal<Readonly<Record<string, Order>>>({});
  const connection = useMemo(() => {
    const opened = connect();
    opened.on("order.updated", ({ order }) => { told.value = { ...told.value, [order.id]: order }; });
    return opened;
  }, []);
  const frame = useRef<Frame>(Panel).current;
  return (
    <Shell place="bag">
      <Bag call={connection.call} frame={frame} live_session_id={null} onClose={() => location.assign("/")} closeText={words.value.findMore()}
        newest={(order) => told.value[order.id] ?? order} />
    </Shell>
  );
}

let lastTitle = "";

function Panel({ title, footer, children }: { title: string; footer?: ComponentChildren; children: ComponentChildren }) {
  // Another step of the order begins at its top.
  useEffect(() => {
    if (lastTitle !== "" && lastTitle !== title) scrollTo(0, 0);
    lastTitle = title;
  }, [title]);
  return (
    <section class="bag-page">
      <h1>{title}</h1>
      <div class="bag-body">{children}</div>
      {footer ? <footer class="bag-foot">{footer}</footer> : null}
    </section>
  );
}
