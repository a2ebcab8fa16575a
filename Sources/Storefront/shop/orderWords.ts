import type { Tone } from "../common/controls";
import type { Order } from "../common/types";

export interface Words {
  tone: Tone;
  /** A word or two, for a list. */
  short: string;
  title: string;
  detail: string;
}

/** What an order's state means for the customer who reads it. */
export function wordsFor(order: Order): Words {
  const payment = order.payment.status;
  switch (order.status) {
    case "PLACED":
      return payment === "UNKNOWN"
        ? {
          tone: "warn", short: "Payment unclear", title: "We do not know yet whether the payment went through",
          detail: "The bank has not answered. We keep the goods for you and ask again until it does; this page then says "
            + "what came of it. You need not order again.",
        }
        : {
          tone: "warn", short: "In progress", title: "The order is being placed",
          detail: "Goods and payment are being arranged. This takes a moment.",
        };
    case "PAID": case "FULFILLED":
      return {
        tone: "good", short: "Paid", title: "Thank you, the order is placed",
        detail: "It is paid and is being packed. You can cancel it until it is sent.",
      };
    case "SHIPPED":
      return { tone: "good", short: "On its way", title: "Your order is on its way", detail: "It has left our house." };
    case "DELIVERED":
      return { tone: "good", short: "Delivered", title: "Your order has arrived", detail: "We hope that you like it." };
    case "CANCELLED":
      return { tone: "plain", short: "Cancelled", title: "The order was cancelled", detail: refundWords(order) };
    case "REFUNDED":
      return { tone: "plain", short: "Refunded", title: "The order was refunded", detail: refundWords(order) };
    case "REJECTED": return rejectionWords(order);
  }
}

function refundWords({ payment: { status } }: Order): string {
  switch (status) {
    case "REFUNDED": return "All that you paid has gone back to your card.";
    case "REFUND_PENDING": return "What you paid is on its way back to your card.";
    case "NOT_CHARGED": return "Nothing was charged.";
    default: return "What you paid goes back to your card.";
  }
}

function rejectionWords({ reason }: Order): Words {
  const tone = "bad";
  switch (reason) {
    case "insufficient_stock":
      return {
        tone, short: "Sold out", title: "There was not enough left",
        detail: "Something in the order was sold to others first. Nothing was charged.",
      };
    case "payment_declined":
      return {
        tone, short: "Declined", title: "The card was declined",
        detail: "Nothing was charged, and the goods are on sale again. Your cart is as it was: try another card.",
      };
    case "payment_unavailable":
      return {
        tone, short: "Not paid", title: "The payment service did not answer",
        detail: "Nothing was charged. Your cart is as it was: try again in a moment.",
      };
    case "payment_expired":
      return {
        tone, short: "Not paid", title: "The bank did not answer in time",
        detail: "Nothing was charged, and the goods are on sale again. Your cart is as it was: try again, or another card.",
      };
    default:
      return { tone, short: "Not placed", title: "The order was not placed", detail: "Nothing was charged." };
  }
}
