/** The address of a place on the orders page. */

export type Task = "cancel" | "return" | "pay";

export interface Place {
  /** The order that is open; null for the list. */
  readonly order: string | null;
  /** What is being done with it. */
  readonly task: Task | null;
  /** Where the page of the list begins; "" for the newest. */
  readonly after: string;
}

const tasks: readonly string[] = ["cancel", "return", "pay"] satisfies Task[];
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A payment provider sends people back to /orders/<id>, which is the same place. */
export function placeOf(pathname: string, search: string): Place {
  const query = new URLSearchParams(search);
  const order = [query.get("order"), pathname.split("/").at(-1)].find((id) => id && uuid.test(id)) ?? null;
  const task = query.get("do");
  return { order, task: order !== null && task !== null && tasks.includes(task) ? (task as Task) : null, after: query.get("after") ?? "" };
}

export function addressOf({ order, task, after }: Place): string {
  const query = new URLSearchParams();
  if (order !== null) query.set("order", order);
  if (order !== null && task !== null) query.set("do", task);
  if (after !== "") query.set("after", after);
  const search = query.toString();
  return search === "" ? "/orders" : `/orders?${search}`;
}
