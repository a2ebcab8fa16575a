import ActorSystem
import Commerce
import EventSourcing
import Schema
import StepTesting
import Synchronization
import Testing

@testable import Upgrades

@Suite("The version of a cluster", .timeLimit(.minutes(10))) struct ClusterVersionTests {
    private let bench = VersionBench()

    /// Waits until `condition` holds.
    private func eventually(_ condition: () async throws -> Bool) async throws {
        while !(try await condition()) { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// Runs the duty of the leader and what follows the log while `body` runs.
    private func serving(
        _ members: @escaping @Sendable () -> [ClusterVersion?], _ body: () async throws -> Void
    ) async throws {
        let duty = ClusterVersionDuty(gate: bench.gate, members: members, clock: { .noon })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [bench] in try await duty.perform(on: bench.shards.catalogue) }
            try await body()
            group.cancelAll()
        }
    }

    @Test("is the newest that all members read, and is not known before each has said so")
    func common() {
        let (one, two) = (ClusterVersion.first, ClusterVersion(rawValue: 2))
        #expect(ClusterVersionDuty.common([two, one, two]) == one)
        #expect(ClusterVersionDuty.common([two, two]) == two)
        #expect(ClusterVersionDuty.common([two, nil]) == nil)
    }

    @Test("rises once the last member reads it, and not before")
    func rises() async throws {
        let members = Mutex<[ClusterVersion?]>([.newest, nil])
        let looks = Atomic(0)
        try await serving {
            looks.add(1, ordering: .relaxed)
            return members.withLock(\.self)
        } _: {
            for older in [nil, ClusterVersion.first] {
                members.withLock { $0 = [.newest, older] }
                let before = looks.load(ordering: .relaxed)
                try await eventually { looks.load(ordering: .relaxed) > before + 1 }
                #expect(bench.journal.committed == .zero)
            }
            members.withLock { $0 = [.newest, .newest] }
            try await eventually { try await bench.recorded == .newest }
            try await eventually { bench.gate.version == .newest }
        }
    }

    @Test("opens the gate of a node whose states or log tell of it")
    func follows() async throws {
        let follower = bench.follower
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await follower.follow() }
            _ = try await bench.shards.run(RaiseClusterVersion(to: .newest), at: .noon).get()
            try await eventually { bench.gate.version == .newest }
            group.cancelAll()
        }
        let started = VersionGate(.first, newest: .newest)
        try await ClusterVersionFollower(of: bench.shards, gate: started, readable: .newest).begin()
        #expect(started.version == .newest)
    }

    @Test("ends a node whose program does not read it, running or started")
    func outdated() async throws {
        let later = ClusterVersion(rawValue: ClusterVersion.newest.rawValue + 1)
        let follower = bench.follower
        _ = try await bench.shards.run(RaiseClusterVersion(to: later), at: .noon).get()
        let expected = ProgramOutdated(readable: .newest, cluster: later)
        await #expect(throws: expected) { try await follower.follow() }
        await #expect(throws: expected) { try await follower.begin() }
        #expect(bench.gate.version == .first)
    }
}
