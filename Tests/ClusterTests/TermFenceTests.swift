import Consensus
import EventSourcing
import Testing

@testable import Cluster

@Suite("The fence of a term")
struct TermFenceTests {
    /// A node that led, ceded to node 2, and leads again.
    private func returned() throws -> (node: DrivenNode, earlier: UInt64, now: UInt64) {
        let node = DrivenNode(members: [1, 2, 3])
        let earlier = try node.winElection()
        #expect(node[0].standing.leadership?.term == earlier)
        node.hear(.heartbeat(commit: .zero, readMark: 0), term: earlier + 1)
        try node.settle()
        #expect(node[0].standing.leadership == nil)
        return (node, earlier, try node.winElection())
    }

    @Test("refuses what was decided in an earlier term, though the node leads again")
    func proposals() throws {
        let (node, earlier, now) = try returned()
        #expect(now > earlier)
        let last = node[0].status.last
        #expect(throws: JournalRefusal.closed) { try node[0].propose([1], at: .zero, in: earlier) }
        #expect(node[0].status.last == last)
        #expect(try node[0].propose([1], at: .zero, in: now).rawValue == last.rawValue + 1)
    }

    @Test("confirms nothing that was decided in an earlier term")
    func confirmations() async throws {
        let (node, earlier, now) = try returned()
        let committed = node[0].committed
        for isRecorded in [true, false] {
            await #expect(throws: CommitmentUnknown.self) {
                try await node[0].confirmation(
                    of: Decision(term: earlier, restsOn: committed, isRecorded: isRecorded))
            }
        }
        try await node[0].confirmation(of: Decision(term: now, restsOn: committed, isRecorded: true))
    }

    @Test("tells a caller that waits when leadership goes that the outcome is unknown")
    func waiting() async throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        let index = try node[0].propose([1], at: .zero, in: term)
        try node.settle()
        let journal = node[0]
        let answer = Task {
            try await journal.confirmation(of: Decision(term: term, restsOn: index, isRecorded: true))
        }
        node.hear(.heartbeat(commit: .zero, readMark: 0), term: term + 1)
        await #expect(throws: CommitmentUnknown.self) { try await answer.value }
    }
}
