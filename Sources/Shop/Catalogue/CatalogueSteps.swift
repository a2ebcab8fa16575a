import ActorSystem

/// The steps of this target, for the table of a node.
public enum CatalogueSteps {
    public static let all: [TakenStep] = [
        .step(CreateProduct.self), .step(CreateProducts.self), .step(ChangeProduct.self),
    ]
}
