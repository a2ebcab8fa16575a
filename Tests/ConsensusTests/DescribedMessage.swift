@testable import Consensus

/// A message, or an exchange with the append or apply thread, in the form in which etcd-io/raft prints all of them.
struct DescribedMessage {
    var from: String
    var to: String
    var type: String
    var term = Term.zero
    var log = EntryID.zero
    var rejectionHint: EntryIndex?
    var commit = EntryIndex.zero
    var vote: NodeID?
    var entries: [Entry] = []
    var snapshot: Snapshot?
    var responses: [DescribedMessage] = []

    func text(indent: String = "") -> String {
        var text = "\(indent)\(from)->\(to) \(type) Term:\(term) Log:\(log)"
        if let rejectionHint { text += " Rejected (Hint: \(rejectionHint))" }
        if commit != .zero { text += " Commit:\(commit)" }
        if let vote { text += " Vote:\(vote)" }
        if entries.count == 1 {
            text += " Entries:[\(Describe.entry(entries[0]))]"
        } else if entries.count > 1 {
            text += " Entries:[" + entries.map { "\n\(indent)  \(Describe.entry($0))" }.joined() + "\n\(indent)]"
        }
        if let snapshot { text += "\n\(indent)  Snapshot: \(Describe.snapshot(snapshot))" }
        if !responses.isEmpty {
            text += " Responses:[" + responses.map { "\n" + $0.text(indent: indent + "  ") }.joined() + "\n\(indent)]"
        }
        return text
    }

    init(from: String, to: String, type: String) {
        self.from = from
        self.to = to
        self.type = type
    }

    init(_ message: Message) {
        self.init(from: Describe.hex(message.from), to: Describe.hex(message.to), type: "")
        term = message.term
        switch message.body {
        case .requestPreVote(let last): (type, log) = ("MsgPreVote", last)
        case .requestVote(let last, _): (type, log) = ("MsgVote", last)
        case .preVote(let isGranted): (type, rejectionHint) = ("MsgPreVoteResp", isGranted ? nil : .zero)
        case .vote(let isGranted): (type, rejectionHint) = ("MsgVoteResp", isGranted ? nil : .zero)
        case .append(let previous, let entries, let commit):
            (type, log, self.commit, self.entries) = ("MsgApp", previous, commit, entries)
        case .appendAccepted(let index): (type, log.index) = ("MsgAppResp", index)
        case .appendRejected(let index, let hint):
            (type, log, rejectionHint) = ("MsgAppResp", EntryID(term: hint.term, index: index), hint.index)
        case .heartbeat(let commit, _): (type, self.commit) = ("MsgHeartbeat", commit)
        case .heartbeatAnswer: type = "MsgHeartbeatResp"
        case .installSnapshot(let snapshot): (type, self.snapshot) = ("MsgSnap", snapshot)
        case .timeoutNow: type = "MsgTimeoutNow"
        case .propose(let payloads):
            (type, entries) = ("MsgProp", payloads.map { Entry(id: .zero, payload: $0) })
        case .readIndex(let request):
            (type, entries) = ("MsgReadIndex", [Entry(id: .zero, payload: .record(Array("\(request.id)".utf8)))])
        case .readIndexAnswer(let state):
            (type, log.index) = ("MsgReadIndexResp", state.index)
            entries = [Entry(id: .zero, payload: .record(Array("\(state.id)".utf8)))]
        case .transferLeadership(let node): (type, from) = ("MsgTransferLeader", Describe.hex(node))
        }
    }

    /// The order to the append thread, with what it releases.
    init(_ write: LogWrite, of node: NodeID, releasing pending: HandedOut.PendingWrite?) {
        self.init(from: Describe.hex(node), to: "AppendThread", type: "MsgStorageAppend")
        if let state = write.hardState { (term, vote, commit) = (state.term, state.vote, state.commit) }
        entries = write.entries
        snapshot = write.snapshot
        responses = pending?.answers.map(DescribedMessage.init) ?? []
        if let receipt = pending?.receipt { responses.append(DescribedMessage(receipt, of: node)) }
    }

    init(_ receipt: FlushReceipt, of node: NodeID) {
        self.init(from: "AppendThread", to: Describe.hex(node), type: "MsgStorageAppendResp")
        (term, log, snapshot) = (receipt.term, receipt.last ?? .zero, receipt.snapshot)
    }

    init(applying entries: [Entry], of node: NodeID, isDone: Bool) {
        if isDone {
            self.init(from: "ApplyThread", to: Describe.hex(node), type: "MsgStorageApplyResp")
        } else {
            self.init(from: Describe.hex(node), to: "ApplyThread", type: "MsgStorageApply")
        }
        self.entries = entries
    }
}
