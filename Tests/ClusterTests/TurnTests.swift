import Consensus
import EventSourcing
import Testing

@testable import Cluster

@Suite("A turn of the driver")
struct TurnTests {
    @Test("sends all proposals that came before it in one message to each member")
    func oneMessage() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        node.hear(.appendAccepted(matched: node[0].status.last), from: 3, term: term)
        _ = node.takeFrames()
        let indexes = try (0..<5).map { try node[0].propose([UInt8($0)], at: .zero, in: term) }
        node.turn()
        let frames = node.takeFrames()
        #expect(frames.map(\.peer.rawValue).sorted() == [2, 3])
        for frame in frames {
            let counts = frame.messages.map { message -> Int in
                guard case .append(_, let entries, _) = message.message.body else { return 0 }
                return entries.count
            }
            #expect(counts == [5])
        }
        #expect(indexes.map(\.rawValue) == Array(indexes[0].rawValue...node[0].status.last.rawValue))
    }

    @Test("gives a change of membership an index of its own among proposals")
    func membershipChange() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        let before = try node[0].propose([1], at: .zero, in: term)
        let change = try node[0].propose(MembershipChange([.init(.addLearner, NodeID(4))]))
        let after = try node[0].propose([2], at: .zero, in: term)
        guard case .appended(_, let indexes) = change else {
            Issue.record("\(change)")
            return
        }
        #expect(indexes.lowerBound.rawValue == before.rawValue + 1)
        #expect(after.rawValue == before.rawValue + 2)
        try node.settle()
        #expect(node[0].status.last.rawValue == after.rawValue)
    }

    @Test("refuses proposals while leadership is on its way to another member")
    func transfer() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        node[0].transferLeadership(to: NodeID(3))
        #expect(throws: JournalRefusal.closed) { try node[0].propose([1], at: .zero, in: term) }
    }

    @Test("refuses proposals past the limit of bytes that are not committed, until they are")
    func limits() throws {
        var configuration = ReplicaConfiguration.ofTests
        configuration.uncommittedBytesMax = 100
        let node = DrivenNode(configuration: configuration)
        try node.leadAlone()
        let term = node.term(of: 0)
        _ = try node[0].propose(Array(repeating: 1, count: 60), at: .zero, in: term)
        #expect(throws: JournalRefusal.full) {
            try node[0].propose(Array(repeating: 1, count: 60), at: .zero, in: term)
        }
        node.turn()
        #expect(throws: JournalRefusal.full) {
            try node[0].propose(Array(repeating: 1, count: 60), at: .zero, in: term)
        }
        try node.settle()
        _ = try node[0].propose(Array(repeating: 1, count: 60), at: .zero, in: term)
    }

    @Test("keeps no proposal and no look at the standing waiting while the store is read")
    func readUnderLock() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        let journal = node[0]
        _ = try journal.propose([1], at: .zero, in: term)
        try node.settle()
        let reads = Count()
        node.reading.hook = {
            // On the thread that holds the replica: this would wait for itself.
            if (try? journal.propose([9], at: .zero, in: journal.standing.leadership?.term ?? 0)) != nil { reads.add() }
        }
        // A member that has not answered yet is sent what only the store has.
        node.hear(.heartbeatAnswer(readMark: 0), from: 3, term: term)
        node.reading.hook = nil
        #expect(reads.value > 0)
        try node.settle()
        #expect(node[0].status.last.rawValue > UInt64(reads.value))
    }
}
