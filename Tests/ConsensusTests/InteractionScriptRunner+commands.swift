import Foundation

@testable import Consensus

// The commands that do more than call one method.
extension InteractionScriptRunner {
    mutating func addNodes(_ step: Script.Step) throws {
        var configuration = ReplicaConfiguration()
        configuration.electionTicks = 3
        configuration.heartbeatTicks = 1
        configuration.messageBytesMax = .max
        configuration.applyingBytesMax = .max
        configuration.uncommittedBytesMax = .max
        configuration.inFlightMessagesMax = Int(Int32.max)
        configuration.inFlightBytesMax = .max
        configuration.checksQuorum = false
        configuration.preVotes = false
        configuration.forwardsProposals = true
        configuration.stepsDownOnRemoval = false
        configuration.storageWrites = .synchronous
        var voters: NodeSet = []
        var learners: NodeSet = []
        var index = EntryIndex.zero
        for argument in step.arguments.dropFirst() {
            let value = argument.values.first ?? ""
            let isOn = ["1", "t", "T", "true", "True", "TRUE"].contains(value)
            let number = Int(value) ?? 0
            switch argument.key {
            case "voters": voters = NodeSet(argument.values.compactMap { UInt64($0).map { NodeID($0) } })
            case "learners": learners = NodeSet(argument.values.compactMap { UInt64($0).map { NodeID($0) } })
            case "index": index = EntryIndex(UInt64(number))
            case "content": break  // The core does not know what a snapshot holds.
            case "inflight": configuration.inFlightMessagesMax = number
            case "async-storage-writes": configuration.storageWrites = isOn ? .asynchronous : .synchronous
            case "prevote": configuration.preVotes = isOn
            case "checkquorum": configuration.checksQuorum = isOn
            case "max-committed-size-per-ready": configuration.applyingBytesMax = number
            case "max-size-per-message": configuration.messageBytesMax = number
            case "max-pending-reads": configuration.pendingReadsMax = number
            case "max-uncommitted-size": configuration.uncommittedBytesMax = number
            case "disable-conf-change-validation": configuration.validatesMembershipChanges = !isOn
            case "step-down-on-removal": configuration.stepsDownOnRemoval = isOn
            case "read-only":
                guard value == "safe" else { throw ScriptRefusal("read-only=\(value)") }
            default: throw ScriptRefusal("option \(argument.key)")
            }
        }
        let membership = Membership(voters: voters, learners: learners)!
        if !membership.nodes.isEmpty, index <= EntryIndex(1) {
            throw ScriptError(text: "index must be specified as > 1 due to bootstrap")
        }
        let snapshot = Snapshot(last: EntryID(term: Term(index == .zero ? 0 : 1), index: index), membership: membership)
        for _ in 0..<step.numbers[0] {
            let id = NodeID(UInt64(nodes.count + 1))
            nodes.append(try ScriptedNode(id: id, configuration: configuration, snapshot: snapshot))
        }
    }

    mutating func compact(_ node: ScriptedNode, through index: EntryIndex) throws {
        guard index >= node.log.firstIndex else {
            throw ScriptError(text: "requested index is unavailable due to compaction")
        }
        try node.compact(through: index)
        writeLog(node)
    }

    mutating func writeLog(_ node: ScriptedNode) {
        let (first, last) = (node.log.firstIndex, node.log.lastIndex)
        guard first <= last else { return write("log is empty: first index=\(first), last index=\(last)") }
        write(Describe.entries(node.log.entries(in: first..<last.next, bytesMax: .max) ?? []))
    }

    mutating func writeRoles() {
        for node in nodes {
            let status = node.with { $0.status }
            let isVoter =
                status.membership.voters.contains(node.id) || status.membership.outgoingVoters.contains(node.id)
            write(
                "\(node.id): \(Describe.role(status.role)) (\(isVoter ? "Voter" : "Non-Voter")) "
                    + "Term:\(status.hardState.term) Lead:\(status.leader ?? .none)\n")
        }
    }

    mutating func sendSnapshot(from node: ScriptedNode, to recipient: NodeID) throws {
        let term = node.with { $0.term }
        let message = Message(from: node.id, to: recipient, term: term, body: .installSnapshot(node.snapshot))
        deliveries.append(.message(message))
        write(DescribedMessage(message).text())
    }

    mutating func sendAppend(
        _ step: Script.Step, from node: ScriptedNode, to recipient: NodeID, behind index: EntryIndex
    ) throws {
        let count = step.values(of: "entries")?.first.flatMap { Int($0) } ?? 0
        let message = node.with { replica in
            let previous = EntryID(term: replica.log.term(at: index)!, index: index)
            let entries = replica.log.entries(in: index.next..<index.next.advanced(by: count), bytesMax: .max)!
            return Message(
                from: node.id, to: recipient, term: replica.term,
                body: .append(previous: previous, entries: entries, commit: replica.log.committed))
        }
        deliveries.append(.message(message))
        write(DescribedMessage(message).text())
    }

    // MARK: Proposals

    func propose(_ body: (inout Replica) throws -> Void, at node: ScriptedNode) throws {
        do { try node.with(body) } catch is ProposalRefusal { throw ScriptError(text: "raft proposal dropped") }
    }

    func proposeMembershipChange(_ step: Script.Step, at node: ScriptedNode) throws {
        let transitions: [String: MembershipChange.Transition] = [
            "auto": .automatic, "implicit": .joint, "explicit": .jointUntilLeft,
        ]
        if let other = step.arguments.dropFirst().first(where: { $0.key != "v1" && $0.key != "transition" }) {
            throw ScriptError(text: "unknown command \(other.key)")
        }
        let name = step.values(of: "transition")?.first ?? "auto"
        guard let transition = transitions[name] else { throw ScriptError(text: "unknown transition \(name)") }
        let operations = try MembershipChange.Operation.parse(step.input)
        let isFirstVersion = step.values(of: "v1") == ["true"]
        if isFirstVersion, operations.count > 1 || transition != .automatic {
            throw ScriptError(text: "v1 conf change can only have one operation and no transition")
        }
        let change = MembershipChange(
            operations, transition: transition, context: isFirstVersion ? MembershipChange.firstVersion : [])
        try propose({ _ = try $0.propose(change) }, at: node)
    }

    // MARK: Work

    mutating func processReady(_ node: ScriptedNode) throws {
        let (text, messages) = try node.processReady()
        write(text)
        deliveries += messages.map(Delivery.message)
    }

    mutating func processAppendThread(_ node: ScriptedNode) throws {
        guard !node.writes.isEmpty else { return write("no append work to perform") }
        let (order, answers, receipt) = try node.processWrite()
        let released = answers.map(Delivery.message) + (receipt.map { [Delivery.flush($0, at: node.id)] } ?? [])
        write("Processing:\n\(DescribedMessage(order, of: node.id, releasing: nil).text())\nResponses:\n")
        for delivery in released { write(delivery.described.text() + "\n") }
        deliveries += released
    }

    mutating func processApplyThread(_ node: ScriptedNode) {
        guard !node.applications.isEmpty else { return write("no apply work to perform") }
        let application = node.processApplication()
        let entries = application.entries
        write("Processing:\n\(DescribedMessage(applying: entries, of: node.id, isDone: false).text())\nResponses:\n")
        let delivery = Delivery.applied(application, at: node.id)
        write(delivery.described.text() + "\n")
        deliveries.append(delivery)
    }

    // MARK: Messages

    mutating func deliver(_ step: Script.Step) throws {
        let type = step.values(of: "type")?.first
        let dropped = step.values(of: "drop")?.compactMap { UInt64($0) } ?? []
        var count = 0
        for number in step.numbers { count += try deliver(to: NodeID(number), type: type) }
        for number in dropped { count += drop(to: NodeID(number), type: type) }
        if count == 0 { write("no messages\n") }
    }

    private mutating func take(to node: NodeID, type: String?, isDropping: Bool) -> [Delivery] {
        func isMeant(_ delivery: Delivery) -> Bool {
            delivery.to == node && !(isDropping && delivery.isLocal) && (type == nil || type == delivery.described.type)
        }
        let taken = deliveries.filter(isMeant)
        deliveries.removeAll(where: isMeant)
        return taken
    }

    private mutating func drop(to node: NodeID, type: String?) -> Int {
        let taken = take(to: node, type: type, isDropping: true)
        for delivery in taken { write("dropped: \(delivery.described.text())\n") }
        return taken.count
    }

    private mutating func deliver(to id: NodeID, type: String?) throws -> Int {
        let taken = take(to: id, type: type, isDropping: false)
        for delivery in taken {
            write(delivery.described.text() + "\n")
            let node = try node(id.rawValue)
            switch delivery {
            case .flush(let receipt, _): node.with { $0.stable(receipt) }
            case .applied(let application, _): node.with { $0.applied(application.take()) }
            case .message(let message):
                do {
                    try node.with { try $0.stepAny(message) }
                } catch StepRefusal.proposal {
                    write("raft proposal dropped\n")
                } catch StepRefusal.unknownPeer {
                    write("raft: cannot step as peer not found\n")
                } catch {
                    write("\(error)\n")
                }
            }
        }
        return taken.count
    }

    /// Handles, delivers and processes on `nodes` until nothing is left to do.
    mutating func stabilize(_ nodes: [ScriptedNode]) throws {
        var isDone = false
        while !isDone {
            isDone = true
            for node in nodes where node.with({ $0.hasReady }) {
                write("> \(node.id) handling Ready\n")
                try indented { try $0.processReady(node) }
                isDone = false
            }
            for node in nodes where deliveries.contains(where: { $0.to == node.id }) {
                write("> \(node.id) receiving messages\n")
                try indented { _ = try $0.deliver(to: node.id, type: nil) }
                isDone = false
            }
            for node in nodes where !node.writes.isEmpty {
                write("> \(node.id) processing append thread\n")
                while !node.writes.isEmpty { try indented { try $0.processAppendThread(node) } }
                isDone = false
            }
            for node in nodes where !node.applications.isEmpty {
                write("> \(node.id) processing apply thread\n")
                while !node.applications.isEmpty { indented { $0.processApplyThread(node) } }
                isDone = false
            }
        }
    }
}

extension Replica {
    /// Scripts see what a replica answers to itself.
    fileprivate mutating func stepAny(_ message: Message) throws(StepRefusal) {
        guard message.from == id else { return try step(message) }
        guard tracker.position(of: id) != nil else { throw .unknownPeer(id) }
        try process(message)
    }
}
