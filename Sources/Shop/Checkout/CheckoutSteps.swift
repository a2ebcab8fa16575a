import ActorSystem

/// The steps of this target, for the table of a node.
public enum CheckoutSteps {
    public static let all: [TakenStep] = [
        .step(OpenOrder.self), .step(ChangeOrder.self), .step(AdvanceOrder.self), .step(HoldUnits.self),
        .step(ExpireReservations.self), .step(ClaimSenderKey.self),
        .step(FulfilOrders.self), .step(MoveStock.self), .step(CountSales.self), .step(MarkPublished.self),
        .step(MoveArchive.self), .step(ChangeWebhooks.self), .step(AddWebhook.self),
        .step(RotateWebhookSecret.self), .step(MoveWebhook.self),
    ]
}
