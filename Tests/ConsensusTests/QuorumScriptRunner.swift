import Foundation

@testable import Consensus

/// `committed` and `vote` on a quorum `cfg`, joint with `cfgj` where that is given.
///
/// Each answer is computed in several ways that must agree; where they do not, the output says so.
struct QuorumScriptRunner: ScriptRunner {
    func run(_ step: Script.Step) throws -> String {
        let incoming = try nodes(step.values(of: "cfg") ?? [])
        let outgoing = step.values(of: "cfgj")
        let quorum = JointQuorum(
            incoming: NodeSet(incoming), outgoing: NodeSet(outgoing == ["zero"] ? [] : try nodes(outgoing ?? [])))
        let inputs = step.values(of: step.command == "vote" ? "votes" : "idx") ?? []
        // Inputs come in the order of `cfg`, then `cfgj`, without repetition.
        let voters = (incoming + (outgoing == ["zero"] ? [] : try nodes(outgoing ?? []))).reduce(into: [NodeID]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        guard voters.count == inputs.count else { return "error: mismatched input for voters \(voters): \(inputs)" }
        let given = Dictionary(uniqueKeysWithValues: zip(voters, inputs)).filter { $0.value != "_" }
        switch step.command {
        case "vote": return vote(quorum, given.mapValues { $0 == "y" })
        case "committed": return committed(quorum, isJoint: outgoing != nil, given.mapValues { UInt64($0)! })
        default: throw ScriptRefusal("unknown command \(step.command)")
        }
    }

    private func nodes(_ words: [String]) throws -> [NodeID] {
        try words.map { word in
            guard let number = UInt64(word) else { throw ScriptRefusal("not a node: \(word)") }
            return NodeID(number)
        }
    }

    private func vote(_ quorum: JointQuorum, _ votes: [NodeID: Bool]) -> String {
        func name(_ result: VoteResult) -> String {
            switch result {
            case .pending: "VotePending"
            case .lost: "VoteLost"
            case .won: "VoteWon"
            }
        }
        let result = quorum.result { votes[$0] }
        let swapped = JointQuorum(incoming: quorum.outgoing, outgoing: quorum.incoming).result { votes[$0] }
        return (swapped == result ? "" : "\(name(swapped)) <-- via symmetry\n") + name(result)
    }

    private func committed(_ quorum: JointQuorum, isJoint: Bool, _ marks: [NodeID: UInt64]) -> String {
        let mark = quorum.mark { marks[$0] }
        var output = describe(quorum.nodes, marks)
        func check(_ other: UInt64, _ way: String) {
            if other != mark { output += "\(text(other)) <-- \(way)\n" }
        }
        check(JointQuorum(incoming: quorum.outgoing, outgoing: quorum.incoming).mark { marks[$0] }, "via symmetry")
        if !isJoint {
            check(alternative(quorum.incoming, marks), "via alternative computation")
            check(
                JointQuorum(incoming: quorum.incoming, outgoing: quorum.incoming).mark { marks[$0] },
                "via self-joint quorum")
            for node in quorum.incoming {
                guard let own = marks[node], own > 0, mark > own else { continue }
                // What lies below the result cannot matter to it.
                check(quorum.mark { $0 == node ? own - 1 : marks[$0] }, "overlaying \(node)->\(own - 1)")
                check(quorum.mark { $0 == node ? 0 : marks[$0] }, "overlaying \(node)->0")
            }
        }
        return output + text(mark)
    }

    private func text(_ mark: UInt64) -> String { mark == .max ? "∞" : String(mark) }

    /// The mark at the majority's place of a sorted list.
    private func alternative(_ nodes: NodeSet, _ marks: [NodeID: UInt64]) -> UInt64 {
        guard !nodes.isEmpty else { return .max }
        let sorted = nodes.map { marks[$0] ?? 0 }.sorted()
        return sorted[nodes.count - (nodes.count / 2 + 1)]
    }

    private func describe(_ nodes: NodeSet, _ marks: [NodeID: UInt64]) -> String {
        guard !nodes.isEmpty else { return "<empty majority quorum>" }
        let count = nodes.count
        let lines = nodes.map { node in
            let mark = marks[node] ?? 0
            let bar = nodes.count { (marks[$0] ?? 0) < mark }
            let plot =
                marks[node] == nil
                ? "?" + String(repeating: " ", count: count)
                : String(repeating: "x", count: bar) + ">" + String(repeating: " ", count: count - bar)
            let padded = String(repeating: " ", count: max(0, 5 - String(mark).count)) + String(mark)
            return "\(plot) \(padded)    (id=\(String(node.rawValue, radix: 16)))\n"
        }
        return String(repeating: " ", count: count) + "    idx\n" + lines.joined()
    }
}
