/** The documents of the interface, as `data/openapi.yaml` describes them. */

/** Minor units of an ISO 4217 currency. */
export interface Money {
  amount: number;
  currency: string;
}

export interface Page<Element> {
  data: Element[];
  /** For the next page; null at the end. */
  next_cursor: string | null;
}

export type Role = "customer" | "staff" | "admin";

export interface Account {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  role: Role;
  registered_at: string;
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
  token_type: "Bearer";
  /** Seconds until the access token ends. */
  expires_in: number;
}

export interface Session {
  id: string;
  current: boolean;
  user_agent: string;
  opened_at: string;
  last_seen_at: string;
  expires_at: string;
}

export interface Variant {
  sku: string;
  title: string | null;
  attributes: Record<string, string>;
  price: Money;
}

export interface Product {
  id: string;
  title: string;
  description: string;
  brand: string;
  category: string;
  attributes: Record<string, string>;
  image_urls: string[];
  active: boolean;
  variants: Variant[];
  units_sold: number;
  created_at: string;
  updated_at: string;
  version: number;
}

export interface PriceBand {
  currency: string;
  price_min: number;
  price_max: number | null;
  count: number;
}

export interface Facets {
  categories: { category: string; count: number }[];
  brands: { brand: string; count: number }[];
  prices: PriceBand[];
}

export interface ProductPage extends Page<Product> {
  total: number;
  total_is_exact: boolean;
  forgave_typos: boolean;
  facets?: Facets;
}

export interface Suggestion {
  kind: "word" | "brand" | "category" | "title";
  text: string;
}

export interface Availability {
  sku: string;
  available: number;
  in_stock?: boolean;
}

export interface Inventory {
  sku: string;
  on_hand: number;
  reserved: number;
  available: number;
  version: number;
}

export interface CartItem {
  sku: string;
  product_id?: string;
  quantity: number;
  unit_price?: Money;
  line_total?: Money;
  orderable: boolean;
}

export interface Cart {
  items: CartItem[];
  total: Money | null;
  orderable: boolean;
  version: number;
}

/** A line of two carts that became one, of which not everything went in. */
export interface CartCut {
  sku: string;
  /** What both carts had of it. */
  wanted: number;
  /** What is in the cart now. */
  quantity: number;
}

export interface ShippingAddress {
  name: string;
  line1: string;
  line2?: string | null;
  city: string;
  region?: string | null;
  postal_code?: string | null;
  country: string;
}

export type OrderStatus =
  | "PLACED" | "PAID" | "FULFILLED" | "SHIPPED" | "DELIVERED" | "CANCELLED" | "REJECTED" | "REFUNDED";

export type PaymentStatus =
  | "PENDING" | "UNKNOWN" | "PAID" | "DECLINED" | "UNAVAILABLE" | "REFUND_PENDING" | "PARTIALLY_REFUNDED"
  | "REFUNDED" | "NOT_CHARGED";

export interface Refund {
  id: string;
  status: "PENDING" | "REFUNDED";
  /** Minor units. */
  amount: number;
  lines: { sku: string; quantity: number; restock: boolean }[];
  provider_refund_id?: string;
  updated_at: string;
}

export interface Order {
  id: string;
  status: OrderStatus;
  /** Why it was rejected. */
  reason?: "insufficient_stock" | "payment_declined" | "payment_unavailable" | "payment_expired";
  customer_id?: string;
  placed_by?: string;
  /** Where a guest is reached. */
  email?: string;
  items: { sku: string; quantity: number; unit_price: number; line_total: number }[];
  total?: Money;
  payment: { status: PaymentStatus; charge_id?: string };
  refunded_total?: Money;
  refunds?: Refund[];
  shipping_address?: ShippingAddress;
  tracking?: string;
  former_trackings?: { tracking: string; replaced_at: string }[];
  placed_at?: string;
}

export interface Shortage {
  sku: string;
  requested: number;
  available: number;
}

export interface FieldError {
  pointer: string;
  detail: string;
}

/** RFC 9457. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  instance?: string;
  errors?: FieldError[];
  shortages?: Shortage[];
  skus?: string[];
  total?: Money;
  order_id?: string;
}

export type NodeRole = "follower" | "candidate" | "leader" | "learner" | "unknown";

/** What a node has done since it began. */
export interface NodeLoad {
  uptime_ms: number;
  requests: number;
  commits: number;
  commit_wait_us: number;
}

export interface Cluster {
  nodes: { id: number; http: string; ready: boolean; version: string; load: NodeLoad | null; disk_full: boolean | null }[];
  shards: {
    id: number;
    leader: number | null;
    term: number;
    nodes: { id: number; role: NodeRole; committed: number; applied: number }[];
  }[];
}

/** CloudEvents 1.0. */
export interface CloudEvent {
  id: string;
  type: string;
  subject?: string;
  time: string;
  actor?: string;
  data: unknown;
}
