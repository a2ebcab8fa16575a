@testable import Consensus

/// Replicas to begin a test with.
enum Example {
    static let group = GroupID(0)

    static func nodes(_ numbers: UInt64...) -> NodeSet { NodeSet(numbers.map { NodeID($0) }) }

    static func membership(_ voters: UInt64...) -> Membership {
        Membership(voters: NodeSet(voters.map { NodeID($0) }))!
    }

    /// Node 1 of a new group.
    static func replica(
        of membership: Membership = membership(1), on store: MemoryLogStore = MemoryLogStore(),
        configure: (inout ReplicaConfiguration) -> Void = { _ in }
    ) -> Replica {
        var configuration = ReplicaConfiguration()
        configure(&configuration)
        return Replica(
            id: NodeID(1), configuration: configuration, log: store.reader(of: group), hardState: .initial,
            membership: membership, applied: .zero, generator: SplitMix64(seed: 1))
    }

    static func entry(_ term: UInt64, _ index: UInt64, _ bytes: [UInt8] = [1]) -> Entry {
        Entry(id: EntryID(term: Term(term), index: EntryIndex(index)), payload: .record(bytes))
    }

    static func id(_ term: UInt64, _ index: UInt64) -> EntryID { EntryID(term: Term(term), index: EntryIndex(index)) }
}

extension Replica {
    /// Does everything that is to be done, until nothing is, as a shell with asynchronous storage writes.
    ///
    /// - Returns: the messages that left.
    mutating func settle(on store: MemoryLogStore) throws -> [Message] {
        var sent: [Message] = []
        while hasReady {
            var ready = ready()
            sent += ready.messages
            if let write = ready.write {
                try store.write([GroupWrite(group: Example.group, log: write)])
                sent += flushed(write.sequence)
            }
            if let application = ready.apply.take() {
                for entry in application.entries {
                    if case .membershipChange = entry.payload { _ = try? applyMembershipChange(entry) }
                }
                applied(application)
            }
        }
        return sent
    }

    /// A message from node 2.
    mutating func hear(_ body: Message.Body, term: UInt64, from node: UInt64 = 2) throws(StepRefusal) {
        try step(Message(from: NodeID(node), to: id, term: Term(term), body: body))
    }
}
