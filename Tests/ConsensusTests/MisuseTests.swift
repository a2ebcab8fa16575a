import Testing

@testable import Consensus

/// A driver that breaks the contract is stopped before anything is promised on the strength of it.
@Suite("Misuse stops the process")
struct MisuseTests {
    /// A single voter that has just been asked to campaign, with its first write handed out.
    private static func campaigning(_ writes: ReplicaConfiguration.StorageWrites) -> Replica {
        var replica = Example.replica { $0.storageWrites = writes }
        replica.campaign()
        return replica
    }

    @Test func readyTwiceWithoutAdvance() async {
        await #expect(processExitsWith: .failure) {
            var replica = MisuseTests.campaigning(.synchronous)
            _ = replica.ready()
            _ = replica.ready()
        }
    }

    @Test func advanceOutOfOrder() async {
        await #expect(processExitsWith: .failure) {
            var first = MisuseTests.campaigning(.synchronous)
            var second = MisuseTests.campaigning(.synchronous)
            second.advance(second.ready())
            let foreign = second.ready()
            _ = first.ready()
            first.advance(foreign)
        }
    }

    @Test func advanceWithAsynchronousWrites() async {
        await #expect(processExitsWith: .failure) {
            var replica = MisuseTests.campaigning(.asynchronous)
            replica.advance(replica.ready())
        }
    }

    @Test func flushReportedTwice() async {
        await #expect(processExitsWith: .failure) {
            var replica = MisuseTests.campaigning(.asynchronous)
            let sequence = replica.ready().write!.sequence
            _ = replica.flushed(sequence)
            _ = replica.flushed(sequence)
        }
    }

    @Test func flushReportedOutOfOrder() async {
        await #expect(processExitsWith: .failure) {
            var replica = Example.replica(of: Example.membership(1, 2))
            try replica.hear(.append(previous: .zero, entries: [Example.entry(1, 1)], commit: .zero), term: 1)
            _ = replica.ready()
            try replica.hear(
                .append(previous: Example.id(1, 1), entries: [Example.entry(1, 2)], commit: .zero), term: 1)
            let second = replica.ready().write!.sequence
            _ = replica.flushed(second)
        }
    }

    @Test func membershipChangeInventedByTheShell() async {
        await #expect(processExitsWith: .failure) {
            var replica = Example.replica()
            let change = MembershipChange([.init(.addVoter, NodeID(2))])
            _ = try replica.applyMembershipChange(
                Entry(id: EntryID(term: Term(1), index: EntryIndex(1)), payload: .membershipChange(change)))
        }
    }

    @Test func recordAppliedAsMembershipChange() async {
        await #expect(processExitsWith: .failure) {
            var replica = Example.replica()
            _ = try replica.applyMembershipChange(Example.entry(1, 1))
        }
    }

    @Test func membershipChangeForgotten() async {
        await #expect(processExitsWith: .failure) {
            let store = MemoryLogStore()
            var replica = Example.replica(on: store)
            replica.campaign()
            _ = try replica.settle(on: store)
            _ = try replica.propose(MembershipChange([.init(.addLearner, NodeID(2))]))
            while true {
                var ready = replica.ready()
                if let write = ready.write {
                    try store.write([GroupWrite(group: Example.group, log: write)])
                    _ = replica.flushed(write.sequence)
                }
                if let application = ready.apply.take() { replica.applied(application) }
            }
        }
    }

    @Test func emptyProposal() async {
        await #expect(processExitsWith: .failure) {
            var replica = Example.replica()
            _ = try replica.propose([])
        }
    }

    @Test func logThatEndsBeforeItsCommitIndex() async {
        await #expect(processExitsWith: .failure) {
            _ = Replica(
                id: NodeID(1), configuration: ReplicaConfiguration(), log: MemoryLogStore().reader(of: Example.group),
                hardState: HardState(term: Term(1), vote: nil, commit: EntryIndex(7)),
                membership: Example.membership(1),
                applied: .zero, generator: SplitMix64(seed: 1))
        }
    }

    @Test func limitsThatStopEverything() async {
        await #expect(processExitsWith: .failure) { _ = Example.replica { $0.electionTicks = 1 } }
        await #expect(processExitsWith: .failure) { _ = Example.replica { $0.inFlightMessagesMax = 0 } }
        await #expect(processExitsWith: .failure) { _ = Example.replica { $0.inFlightBytesMax = 1 } }
        await #expect(processExitsWith: .failure) { _ = Example.replica { $0.applyingBytesMax = 0 } }
    }
}
