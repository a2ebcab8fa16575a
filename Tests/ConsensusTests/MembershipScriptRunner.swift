import Foundation

@testable import Consensus

/// `simple`, `enter-joint` and `leave-joint` on a membership that begins empty.
struct MembershipScriptRunner: ScriptRunner {
    private var tracker = Tracker(limits: .init(messagesMax: 10, bytesMax: .max))
    /// Grows by one with each command, so that it shows who joined when.
    private var last = EntryIndex.zero

    mutating func run(_ step: Script.Step) throws -> String {
        defer { last = last.next }
        let changer = MembershipChanger(tracker: tracker, last: last)
        do {
            let operations = try MembershipChange.Operation.parse(step.input)
            switch step.command {
            case "simple": tracker = try changer.simple(operations)
            case "enter-joint":
                tracker = try changer.enterJoint(
                    operations, leavesAutomatically: step.values(of: "autoleave") == ["true"])
            case "leave-joint":
                guard operations.isEmpty else { return "this command takes no input" }
                tracker = try changer.leaveJoint()
            default: return "unknown command"
            }
        } catch let refusal as MembershipRefusal {
            return text(refusal, of: step.command)
        } catch let refusal as ScriptRefusal {
            return refusal.description
        }
        return Describe.membership(tracker.membership) + "\n" + Describe.progress(tracker)
    }

    private func text(_ refusal: MembershipRefusal, of command: String) -> String {
        switch refusal {
        case .alreadyJoint where command == "simple": "can't apply simple config change in joint config"
        case .alreadyJoint: "config is already joint"
        case .notJoint: "can't leave a non-joint config"
        case .noVoters: "can't make a zero-voter config joint"
        case .removesAllVoters: "removed all voters"
        case .severalVoters: "more than one voter changed without entering joint config"
        case .changePending(let index): "change pending at \(index)"
        }
    }
}

extension MembershipChange.Operation {
    /// `v1 l2 r3 u4`: a voter, a learner, removed, updated.
    static func parse(_ text: String) throws -> [Self] {
        try text.split(whereSeparator: \.isWhitespace).map { word in
            guard word.count >= 2 else { throw ScriptRefusal("unknown token \(word)") }
            let kinds: [Character: Kind] = ["v": .addVoter, "l": .addLearner, "r": .remove, "u": .update]
            guard let kind = kinds[word.first!] else { throw ScriptRefusal("unknown input: \(word)") }
            guard let number = UInt64(word.dropFirst()) else { throw ScriptRefusal("not a node: \(word)") }
            return Self(kind, NodeID(number))
        }
    }
}
