import ActorSystem
import EventSourcing
import StepTesting
import Upgrades

extension StepSample {
    static let all: [StepSample] = [
        .step("raise", RaiseClusterVersion(to: ClusterVersion(rawValue: 0x0102))),
        .answer(RaiseClusterVersion.self, "done", Done()),
    ]
}
