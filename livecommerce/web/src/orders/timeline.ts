/**
 * What an order has been through, from the events that the server keeps of it: the steps on its way with their
 * dates, and its history without what would be told twice.
 */

export interface TimelineEvent {
  readonly at_ms: number;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type StepName = "placed" | "paid" | "packed" | "shipped" | "delivered" | "cancelled";

export interface Step {
  readonly name: StepName;
  /** When it was reached; null when it was not, or when nobody noted it. */
  readonly at_ms: number | null;
  readonly state: "done" | "now" | "ahead" | "stopped";
}

interface Way {
  readonly status: string;
  readonly payment_status: string;
  readonly payment_method: string | null;
  readonly placed_at_ms: number;
  readonly cancelled_at_ms: number | null;
  readonly timeline: readonly TimelineEvent[];
}

const reached: Readonly<Record<string, number>> = { pending: 0, confirmed: 1, processing: 2, shipped: 3, delivered: 4, refunded: 4 };
const order: readonly StepName[] = ["placed", "paid", "packed", "shipped", "delivered"];

/** The steps in their order; the first that is not done is the one it is at. */
export function steps(way: Way): readonly Step[] {
  const dates = stepDates(way);
  if (way.status === "cancelled") return cancelledSteps(way, dates);
  const far = reached[way.status] ?? 0;
  const isPaid = !["pending", "failed"].includes(way.payment_status);
  const wanted = order.filter((name) => name !== "paid" || way.payment_method !== "cod");
  let before = true;
  return wanted.map((name) => {
    const done = name === "paid" ? isPaid : order.indexOf(name) <= far;
    const state = done ? "done" : before ? "now" : "ahead";
    before = before && done;
    return { name, at_ms: done ? dates[name] : null, state };
  });
}

function cancelledSteps(way: Way, dates: Readonly<Record<StepName, number | null>>): readonly Step[] {
  const behind = order.filter((name) => name === "placed" || dates[name] !== null);
  return [
    ...behind.map((name): Step => ({ name, at_ms: dates[name], state: "done" })),
    { name: "cancelled", at_ms: way.cancelled_at_ms ?? dates.cancelled, state: "stopped" },
  ];
}

function stepDates({ placed_at_ms, timeline }: Way): Record<StepName, number | null> {
  const first = (kind: string, status?: string) =>
    timeline.find((event) => event.kind === kind && (status === undefined || event.data.status === status))?.at_ms ?? null;
  return {
    placed: placed_at_ms,
    paid: first("payment", "paid"),
    packed: first("packed") ?? first("shipped"),
    shipped: first("status", "shipped") ?? first("shipped"),
    delivered: first("status", "delivered") ?? first("parcel_delivered"),
    cancelled: first("status", "cancelled") ?? first("cancelled"),
  };
}

const shown = new Set([
  "placed", "payment", "status", "packed", "shipped", "tracking", "parcel_delivered", "parcel_returned", "cancelled",
  "return_requested", "return_approved", "return_rejected", "return_received", "return_cancelled", "refund",
]);

/** Oldest first. Kinds that this page does not know, from a newer server, are left out. */
export function history(timeline: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const has = (kind: string, test: (event: TimelineEvent) => boolean = () => true) => timeline.some((event) => event.kind === kind && test(event));
  const parcels = new Set(timeline.filter(({ kind }) => kind === "parcel_delivered").map(({ data }) => data.shipment_id));
  const toldBetter = (event: TimelineEvent): boolean => {
    switch (event.kind) {
      case "status":
        return statusToldBetter(String(event.data.status), has, parcels.size);
      case "payment":
        return event.data.status === "pending" || (String(event.data.status).endsWith("refunded") && has("refund"));
      case "packed":
        // Packed and handed over in one step.
        return has("shipped", ({ data, at_ms }) => data.shipment_id === event.data.shipment_id && at_ms - event.at_ms < 1_000);
      case "tracking":
        return isOldTracking(event, timeline);
      case "refund":
        return has("refund", (other) => other !== event && other.data.refund_id === event.data.refund_id && other.data.status === event.data.status && other.at_ms < event.at_ms);
      default:
        return false;
    }
  };
  return timeline.filter((event) => shown.has(event.kind) && !toldBetter(event)).toSorted((a, b) => a.at_ms - b.at_ms);
}

/** The state of the whole order says nothing new where a parcel, the payment or a cancellation has said it. */
function statusToldBetter(status: string, has: (kind: string, test?: (event: TimelineEvent) => boolean) => boolean, parcels: number): boolean {
  switch (status) {
    case "confirmed":
      return has("payment", ({ data }) => data.status === "paid");
    case "processing":
      return has("packed") || has("shipped");
    case "shipped":
      return has("shipped");
    case "delivered":
      return parcels === 1;
    case "cancelled":
      return has("cancelled");
    case "refunded":
      return has("refund");
    default:
      return false;
  }
}

function isOldTracking(event: TimelineEvent, timeline: readonly TimelineEvent[]): boolean {
  return timeline.some((other) => other.kind === "tracking" && other.at_ms > event.at_ms && other.data.shipment_id === event.data.shipment_id);
}
