import type { Tone } from "../../common/controls";
import type { OrderStatus, PaymentStatus } from "../../common/types";

interface Words {
  text: string;
  tone: Tone;
}

export const statusWords: Record<OrderStatus, Words> = {
  PLACED: { text: "Placed", tone: "plain" },
  PAID: { text: "Paid", tone: "good" },
  FULFILLED: { text: "To be shipped", tone: "warn" },
  SHIPPED: { text: "Shipped", tone: "good" },
  DELIVERED: { text: "Delivered", tone: "good" },
  CANCELLED: { text: "Cancelled", tone: "plain" },
  REJECTED: { text: "Refused", tone: "bad" },
  REFUNDED: { text: "Refunded", tone: "plain" },
};

export const paymentWords: Record<PaymentStatus, Words> = {
  PENDING: { text: "Pending", tone: "plain" },
  UNKNOWN: { text: "Being checked", tone: "warn" },
  PAID: { text: "Paid", tone: "good" },
  DECLINED: { text: "Declined", tone: "bad" },
  UNAVAILABLE: { text: "Provider down", tone: "bad" },
  REFUND_PENDING: { text: "Refund under way", tone: "warn" },
  PARTIALLY_REFUNDED: { text: "Refunded in part", tone: "plain" },
  REFUNDED: { text: "Refunded", tone: "plain" },
  NOT_CHARGED: { text: "Not charged", tone: "plain" },
};
