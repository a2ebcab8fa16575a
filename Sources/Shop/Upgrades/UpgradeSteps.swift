import ActorSystem

/// The steps of this target, for the table of a node.
public enum UpgradeSteps {
    public static let all: [TakenStep] = [.step(RaiseClusterVersion.self)]
}
