import Testing

@testable import Consensus

/// Every group of up to four voters, every pair of such groups: small enough to try them all.
@Suite("Quorums")
struct QuorumTests {
    private static let subsets = (0..<16).map { bits in
        NodeSet((0..<4).filter { bits & (1 << $0) != 0 }.map { NodeID(UInt64($0 + 1)) })
    }

    /// The sets of nodes that decide for `quorum`.
    private func deciding(_ quorum: JointQuorum) -> [NodeSet] {
        Self.subsets.filter { yes in quorum.result { yes.contains($0) } == .won }
    }

    @Test("Two sets that decide always share a node")
    func intersection() {
        for incoming in Self.subsets where !incoming.isEmpty {
            for outgoing in Self.subsets {
                let deciding = deciding(JointQuorum(incoming: incoming, outgoing: outgoing))
                for left in deciding {
                    #expect(deciding.allSatisfy { right in left.contains { right.contains($0) } })
                }
            }
        }
    }

    @Test("A joint state shares a node with what comes before it and after it")
    func jointIntersection() {
        for incoming in Self.subsets where !incoming.isEmpty {
            for outgoing in Self.subsets where !outgoing.isEmpty {
                let joint = deciding(JointQuorum(incoming: incoming, outgoing: outgoing))
                for neighbour in [incoming, outgoing] {
                    for right in deciding(JointQuorum(incoming: neighbour, outgoing: [])) {
                        #expect(joint.allSatisfy { left in left.contains { right.contains($0) } })
                    }
                }
            }
        }
    }

    @Test("A vote is won, lost or open as the missing votes can make it")
    func votes() {
        for incoming in Self.subsets {
            for outgoing in Self.subsets {
                let quorum = JointQuorum(incoming: incoming, outgoing: outgoing)
                for yes in Self.subsets {
                    for no in Self.subsets where !no.contains(where: { yes.contains($0) }) {
                        let best = quorum.result { !no.contains($0) } == .won
                        let worst = quorum.result { yes.contains($0) } == .won
                        let result = quorum.result { yes.contains($0) ? true : no.contains($0) ? false : nil }
                        #expect(result == (worst ? .won : best ? .pending : .lost))
                    }
                }
            }
        }
    }

    @Test("The committed mark is the highest that a deciding set has reached")
    func marks() {
        var random = SplitMix64(seed: 9)
        for incoming in Self.subsets where !incoming.isEmpty {
            for outgoing in Self.subsets {
                let quorum = JointQuorum(incoming: incoming, outgoing: outgoing)
                let marks = (0...4).map { _ in UInt64.random(in: 0...3, using: &random) }
                let mark: (NodeID) -> UInt64? = { marks[Int($0.rawValue)] }
                let expected = (0...3).last { level in quorum.result { mark($0)! >= level } == .won }
                #expect(quorum.mark(mark) == UInt64(expected!))
            }
        }
    }
}
