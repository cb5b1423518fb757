/**
 * What the types of the database let a client write. Nothing here runs: `npm run check` compiles it, and a
 * line marked with @ts-expect-error fails the check when it compiles.
 */
import type {
  CartItem, Customer, Database, Influencer, Json, LiveSession, LiveSessionProduct, LiveSessionStatus, Order, OrderItem, OrderPaymentStatus,
  OrderStatus, Product, Query, QueryCategory, QueryPriority, QueryStatus, Tables, TablesInsert, TablesUpdate, Wholesaler,
} from "@/types/database";
import type { LiveSession as WireLiveSession } from "../src/wire/contract.gen.ts";

/** As much of a PostgREST client as the examples of the schema documentation use. */
type Public = Database["public"];
type Table = keyof Public["Tables"];
interface Answer<Row> { data: Row[] | null; error: { message: string } | null }
interface Select<Row> extends PromiseLike<Answer<Row>> {
  eq<Column extends keyof Row & string>(column: Column, value: NonNullable<Row[Column]>): Select<Row>;
}
interface From<Name extends Table> {
  select(columns: "*"): Select<Public["Tables"][Name]["Row"]>;
  insert(row: Public["Tables"][Name]["Insert"]): PromiseLike<Answer<never>>;
  upsert(row: Public["Tables"][Name]["Insert"]): PromiseLike<Answer<never>>;
  update(row: Public["Tables"][Name]["Update"]): PromiseLike<Answer<never>>;
}
declare const supabase: { from<Name extends Table>(name: Name): From<Name> };
declare const user: { id: string; email: string };
declare const customerId: string;
declare const productId: string;
declare const product: Product;

export async function selectActiveProducts(): Promise<Product[]> {
  const { data: products } = await supabase
    .from("products")
    .select("*")
    .eq("is_active", true);
  // @ts-expect-error is_active is a boolean
  supabase.from("products").select("*").eq("is_active", "yes");
  // @ts-expect-error there is no such column
  supabase.from("products").select("*").eq("active", true);
  return products ?? [];
}

export async function createCustomerProfile(): Promise<void> {
  await supabase
    .from("customers")
    .insert({
      user_id: user.id,
      first_name: "John",
      last_name: "Doe",
      email: user.email,
    });
  // @ts-expect-error an e-mail address is needed
  await supabase.from("customers").insert({ user_id: user.id });
}

export async function addProductToCart(): Promise<void> {
  await supabase
    .from("cart")
    .upsert({
      customer_id: customerId,
      product_id: productId,
      quantity: 2,
      unit_price: product.retail_price,
    });
  // @ts-expect-error total_price is generated
  await supabase.from("cart").update({ total_price: 1 });
}

export async function createOrder(addressData: Json): Promise<void> {
  await supabase
    .from("orders")
    .insert({
      customer_id: customerId,
      subtotal: 100.0,
      total_amount: 110.0,
      shipping_address: addressData,
      status: "pending",
    });
  // @ts-expect-error total_minor is generated
  await supabase.from("orders").update({ total_minor: 11_000 });
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Holds<T extends true> = T;

export type Rows = [
  Holds<Equal<Customer, Tables<"customers">>>, Holds<Equal<Wholesaler, Tables<{ schema: "public" }, "wholesalers">>>,
  Holds<Equal<Influencer["is_verified"], boolean | null>>, Holds<Equal<CartItem["quantity"], number>>,
  Holds<Equal<Order["shipping_address"], Json>>, Holds<Equal<OrderItem["order_id"], string>>,
  Holds<Equal<Query["resolved_at"], string | null>>, Holds<Equal<LiveSession["created_at"], string>>,
  Holds<Equal<LiveSessionProduct["clicks"], number>>, Holds<Equal<Product["tags"], string[] | null>>,
  Holds<Equal<TablesInsert<"customers">["created_at"], string | null | undefined>>, Holds<Equal<TablesUpdate<"orders">["total_minor"], undefined>>,
];

export type Words = [
  Holds<Equal<OrderPaymentStatus, "pending" | "paid" | "failed" | "refunded" | "partially_refunded">>,
  Holds<Equal<OrderStatus, "pending" | "confirmed" | "processing" | "shipped" | "delivered" | "cancelled" | "refunded">>,
  Holds<Equal<QueryStatus, "open" | "in_progress" | "resolved" | "closed" | "escalated">>, Holds<Equal<QueryPriority, "low" | "medium" | "high" | "urgent">>,
  Holds<Equal<QueryCategory, "general" | "order" | "product" | "payment" | "shipping" | "technical" | "complaint">>,
  /** What the wire says of a live session is a word of the table. */
  Holds<WireLiveSession["status"] extends LiveSessionStatus ? true : false>,
];
