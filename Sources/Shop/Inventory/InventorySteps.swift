import ActorSystem

/// The steps of this target, for the table of a node.
public enum InventorySteps {
    public static let all: [TakenStep] = [
        .step(ChangeStock.self), .step(ChangeCart.self), .step(ReserveStock.self), .step(ClaimReceipts.self),
        .step(ReceiveStock.self), .step(ChangeGuestCart.self), .step(HandOverCart.self),
        .step(MergeCart.self),
    ]
}
