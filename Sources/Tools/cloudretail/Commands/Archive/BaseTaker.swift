import EventSourcing
import Snapshots
import Workload

/// Takes the bases of an archive, beside the log: that goes on however long one takes.
struct BaseTaker: Sendable {
    /// How often it is looked whether another one is due.
    private static let pause = Duration.seconds(1)

    let client: GatewayClient
    let place: any ArchivePlace
    let pace: BasePace
    /// So many are kept.
    let keep: Int

    /// Takes one, and removes what is older than those to be kept.
    @discardableResult
    func take() async throws -> SnapshotHeader {
        let bases = ArchiveBases(place)
        let header = try await bases.add { output in try await client.snapshot { try output.append($0) } }
        try await bases.prune(keeping: keep)
        return header
    }

    /// Takes one if it is due.
    func takeIfDue() async throws {
        guard let newest = try await ArchiveBases(place).newest, let end = try await ArchiveListing(place).newest else {
            return
        }
        switch pace {
        case .time(let time): guard Engine.now().since(newest.takenAt) >= time else { return }
        case .entries(let count): guard end.count >= newest.end.count + count else { return }
        }
        try await take()
    }

    /// Takes each as it is due, until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            try await takeIfDue()
            try await Task.sleep(for: Self.pause)
        }
    }
}
