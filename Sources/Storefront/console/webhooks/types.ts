/** An endpoint that is told of the shop's events. */
export interface Webhook {
  id: string;
  url: string;
  /** None for all of them. */
  types: string[];
  description: string;
  enabled: boolean;
  /** Why the shop has disabled it. */
  fault: "gone" | "failing" | "behind" | null;
  since: string;
  previous_secret_until: string | null;
}

export interface WebhookWithSecret extends Webhook {
  secret: string;
}

export interface Delivery extends Refused {
  event: string;
  type: string;
  state: "waiting" | "failed";
  attempts: number;
  first_at: string;
  /** Null where it has failed. */
  due_at: string | null;
}

/** Why an event was not taken. */
export interface Refused {
  cause: "status" | "unanswered" | "address" | "expired" | null;
  status: number | null;
}

export const webhooksPath = "/api/v1/webhooks";
export const webhookPath = (id: string): string => `${webhooksPath}/${encodeURIComponent(id)}`;
export const deliveriesPath = (id: string): string => `${webhookPath(id)}/deliveries`;

/** How often in milliseconds the shop is asked how endpoints fare. */
export const every = 5_000;

/** Every event that an endpoint can be told of, as the interface names them. */
export const eventTypes: readonly { title: string; types: readonly string[] }[] = [
  {
    title: "Orders", types: [
      "OrderReceived", "OrderRejected", "OrderPaymentUnknown", "OrderPlaced", "OrderFulfilled", "OrderAddressCorrected",
      "OrderShipped", "OrderTrackingCorrected", "OrderDelivered", "OrderCancelled", "OrderRefundRequested", "OrderRefunded",
      "OrderPartRefundRequested", "OrderPartRefunded", "OrderPersonalDataErased",
    ],
  },
  {
    title: "Products", types: [
      "ProductCreated", "ProductUpdated", "ProductPriced", "ProductActivated", "ProductDeactivated", "ProductSold",
      "ProductReturned",
    ],
  },
  {
    title: "Stock", types: [
      "StockReceived", "StockAdjusted", "StockReserved", "StockReleased", "StockExpired", "StockFulfilled", "StockRestocked",
    ],
  },
  { title: "Carts", types: ["CartItemSet", "CartItemRemoved", "CartCleared", "CartHandedOver"] },
  {
    title: "Accounts", types: [
      "AccountRegistered", "AccountPasswordChanged", "AccountRoleGranted", "AccountRenamed", "AccountSessionsEnded",
      "AccountErased", "LogInFailed", "LogInFailuresCleared", "SessionOpened", "SessionEnded",
    ],
  },
];

const faultWords: Record<NonNullable<Webhook["fault"]>, string> = {
  gone: "It answered 410: it is gone.",
  failing: "It took nothing at any attempt for a day.",
  behind: "It was too far behind.",
};

/** Why an endpoint is told of nothing; undefined where it is told. */
export function disabledWords({ enabled, fault }: Webhook): string | undefined {
  if (enabled) return undefined;
  return fault === null ? "Disabled by an administrator." : faultWords[fault];
}

export function refusedWords({ cause, status }: Refused): string {
  switch (cause) {
    case "status": return `It answered ${status ?? "with a refusal"}.`;
    case "unanswered": return "It did not answer.";
    case "address": return "Its address leads nowhere, or to where nothing is sent.";
    case "expired": return "The shop no longer keeps the event.";
    default: return "–";
  }
}
