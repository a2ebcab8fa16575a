@testable import Consensus

/// Texts as etcd-io/raft prints them.
enum Describe {
    static func hex(_ node: NodeID) -> String { String(node.rawValue, radix: 16) }

    private static func set(_ nodes: NodeSet) -> String { "(" + nodes.map(hex).joined(separator: " ") + ")" }
    private static func list(_ nodes: NodeSet) -> String { "[" + nodes.map(\.description).joined(separator: " ") + "]" }

    /// On one line, as a configuration.
    static func membership(_ membership: Membership) -> String {
        var text = "voters=" + set(membership.voters)
        if membership.isJoint { text += "&&" + set(membership.outgoingVoters) }
        if !membership.learners.isEmpty { text += " learners=" + set(membership.learners) }
        if !membership.nextLearners.isEmpty { text += " learners_next=" + set(membership.nextLearners) }
        return text + (membership.leavesJointAutomatically ? " autoleave" : "")
    }

    static func snapshot(_ snapshot: Snapshot) -> String {
        let membership = snapshot.membership
        return "Index:\(snapshot.last.index) Term:\(snapshot.last.term) ConfState:"
            + "Voters:\(list(membership.voters)) VotersOutgoing:\(list(membership.outgoingVoters)) "
            + "Learners:\(list(membership.learners)) LearnersNext:\(list(membership.nextLearners)) "
            + "AutoLeave:\(membership.leavesJointAutomatically)"
    }

    static func role(_ role: Role) -> String {
        switch role {
        case .follower: "StateFollower"
        case .preCandidate: "StatePreCandidate"
        case .candidate: "StateCandidate"
        case .leader: "StateLeader"
        }
    }

    static func hardState(_ state: HardState) -> String {
        "Term:\(state.term)" + (state.vote.map { " Vote:\($0)" } ?? "") + " Commit:\(state.commit)"
    }

    /// One line per member.
    static func progress(_ tracker: Tracker) -> String {
        tracker.peers.map { "\($0.id): \(progress($0.progress))\n" }.joined()
    }

    private static func progress(_ progress: Progress) -> String {
        var text: String
        var pending = ""
        switch progress.phase {
        case .probe: text = "StateProbe"
        case .replicate: text = "StateReplicate"
        case .snapshot(let index):
            text = "StateSnapshot"
            pending = " pendingSnap=\(index)"
        }
        text += " match=\(progress.match) next=\(progress.next)"
        if progress.isLearner { text += " learner" }
        if progress.isPaused { text += " paused" }
        text += pending
        if !progress.isRecentlyActive { text += " inactive" }
        if progress.window.count > 0 { text += " inflight=\(progress.window.count)" }
        return text + (progress.window.count > 0 && progress.window.isFull ? "[full]" : "")
    }

    static func entry(_ entry: Entry) -> String {
        let text: String
        switch entry.payload {
        case .record(let bytes): text = "EntryNormal " + quoted(bytes)
        case .membershipChange(let change):
            let operations = change.operations.map { " " + operation($0) }.joined()
            text =
                (change.context == MembershipChange.firstVersion ? "EntryConfChange" : "EntryConfChangeV2") + operations
        }
        return "\(entry.id) \(text)"
    }

    static func entries(_ entries: [Entry]) -> String { entries.map { entry($0) + "\n" }.joined() }

    private static func operation(_ operation: MembershipChange.Operation) -> String {
        let kind =
            switch operation.kind {
            case .addVoter: "v"
            case .addLearner: "l"
            case .remove: "r"
            case .update: "u"
            }
        return kind + operation.node.description
    }

    private static func quoted(_ bytes: [UInt8]) -> String {
        let text = bytes.map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7f: String(UnicodeScalar(byte))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return "\"" + text.joined() + "\""
    }
}

extension MembershipChange {
    /// Marks a change that a script proposes in etcd's first form, which it prints under another name.
    static let firstVersion: [UInt8] = [1]
}
