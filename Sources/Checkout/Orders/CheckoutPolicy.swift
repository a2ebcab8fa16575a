/// The limits of a checkout.
public struct CheckoutPolicy: Sendable {
    /// An order that is undecided after this long is picked up by the reconciler.
    public var attemptMax = Duration.seconds(15)
    /// After this long without an answer from the provider the charge is voided and the order rejected.
    public var paymentWindow = Duration.seconds(600)
    /// How long a retry under the same key waits for the first one's answer.
    public var duplicateWaitMax = Duration.seconds(10)
    /// How often such a retry looks.
    public var duplicatePollInterval = Duration.milliseconds(10)
    /// How long an idempotency key is remembered.
    public var keyLifetime = Duration.seconds(24 * 3_600)
    /// Orders that the reconciler drives at once, per shard.
    public var reconciledAtOnceMax = 16
    /// How often the reconciler looks for orders that want attention.
    public var reconcileInterval = Duration.milliseconds(500)

    public init() {}
}
