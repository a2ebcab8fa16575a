/** The pages of webhooks, which are loaded together. */
export { Webhooks } from "./Webhooks";
export { WebhookPage } from "./WebhookPage";
