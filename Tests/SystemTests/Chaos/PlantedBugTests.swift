import Foundation
import Testing

extension SystemTests {
    /// `tools/chaos --planted-bugs` plants them. Programs of a release build have none to plant.
    @Suite(
        "Nodes with a planted bug", .enabled(if: KillHunt.setting("CHAOS_PLANTED_BUGS") == 1, "it hunts for minutes"),
        .timeLimit(.minutes(10 + 5 * PlantedBugHunt.Bug.allCases.count)))
    struct PlantedBugTests {
        @Test("are caught by the judges of chaos", arguments: PlantedBugHunt.Bug.allCases)
        func caught(bug: PlantedBugHunt.Bug) async throws {
            let hunt = try await PlantedBugHunt(bug: bug).run()
            print("planted bug: \(bug.rawValue): \(hunt)")
        }
    }
}

/// Rounds of chaos on nodes that make a mistake, until a judge says so.
struct PlantedBugHunt {
    let bug: Bug

    /// The names of `Mistake`.
    enum Bug: String, CaseIterable, Sendable {
        /// An answer does not wait until a quorum has its record.
        case answerBeforeCommit
        /// A read does not ask whether it lacks something.
        case readWithoutBarrier
        /// A request that is sent again is done again.
        case orderWithoutKey

        /// What brings it to light.
        var faults: [Fault] {
            switch self {
            case .answerBeforeCommit: [.cutOffLeader, .muteLeader, .killLeader]
            case .readWithoutBarrier: [.pause, .cutOffLeader, .cutOffFollower]
            case .orderWithoutKey: [.killLeader]
            }
        }
    }

    private static let roundsMax = 20
    private static let faultsOfRound = 4

    struct NotCaught: Error, CustomStringConvertible {
        let bug: Bug
        var description: String { "\(bug.rawValue) was not caught in \(PlantedBugHunt.roundsMax) rounds" }
    }

    /// What the judge said, and when.
    func run() async throws -> String {
        var verdict: String?
        try await LocalCluster.with(
            catalogue: LocalShop.emptyCatalogue, hasNetwork: true,
            settings: ["CLOUDRETAIL_PLANTED_BUGS": bug.rawValue]
        ) { cluster in
            for number in 0..<Self.roundsMax where verdict == nil {
                let round = ChaosRound(cluster: cluster, number: number, seed: Chaos.seed &+ UInt64(number))
                do {
                    _ = try await round.run { try await $0.strike(times: Self.faultsOfRound, with: bug.faults) }
                } catch let violation as ChaosRound.Violation {
                    verdict = "caught in round \(number + 1): \(violation.description.prefix(200))"
                }
            }
        }
        guard let verdict else { throw NotCaught(bug: bug) }
        return verdict
    }
}
