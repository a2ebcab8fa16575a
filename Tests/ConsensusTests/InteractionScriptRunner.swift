import Foundation

@testable import Consensus

/// Whole groups of replicas, step by step. The commands are those of etcd-io/raft's interaction tests, and some of our
/// own:
///
///     restart <node>              what was not flushed is lost
///     read-index <node> <id>      asks for a linearizable read
///     report-snapshot <from> <to> status=failure
///     send-append <from> <to> <index> [entries=<count>]
///                                 an append behind `index`; without entries, as a heartbeat is in other
///                                 implementations
struct InteractionScriptRunner: ScriptRunner {
    /// Something on its way to a node.
    enum Delivery {
        case message(Message)
        case flush(FlushReceipt, at: NodeID)
        case applied(HeldApplication, at: NodeID)

        var to: NodeID {
            switch self {
            case .message(let message): message.to
            case .flush(_, let node), .applied(_, let node): node
            }
        }

        /// What a node says to itself is never lost.
        var isLocal: Bool { if case .message(let message) = self { message.from == message.to } else { true } }

        var described: DescribedMessage {
            switch self {
            case .message(let message): DescribedMessage(message)
            case .flush(let receipt, let node): DescribedMessage(receipt, of: node)
            case .applied(let application, let node):
                DescribedMessage(applying: application.entries, of: node, isDone: true)
            }
        }
    }

    var nodes: [ScriptedNode] = []
    var deliveries: [Delivery] = []
    private var output = ""
    private var isQuiet = false

    mutating func run(_ step: Script.Step) throws -> String {
        output = ""
        do {
            try perform(step)
        } catch let error as ScriptError {
            if isQuiet { return error.text }
            output += error.text
        }
        return output.isEmpty || isQuiet ? "ok" : output
    }

    /// What a command answers when it fails.
    struct ScriptError: Error {
        let text: String
    }

    mutating func write(_ text: String) { if !isQuiet { output += text } }

    mutating func indented(_ body: (inout Self) throws -> Void) rethrows {
        let before = output
        output = ""
        defer {
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            let complete = output.hasSuffix("\n") ? lines.dropLast() : lines[...]
            output = before + (output.isEmpty ? "" : complete.map { "  \($0)\n" }.joined())
        }
        try body(&self)
    }

    func node(_ number: UInt64) throws -> ScriptedNode {
        guard number > 0, number <= nodes.count else { throw ScriptRefusal("no node \(number)") }
        return nodes[Int(number) - 1]
    }

    private mutating func perform(_ step: Script.Step) throws {
        let numbers = step.numbers
        func first() throws -> ScriptedNode {
            guard let number = step.arguments.first.flatMap({ UInt64($0.key) }) else {
                throw ScriptRefusal("no node named")
            }
            return try node(number)
        }
        switch step.command {
        case "_breakpoint": break
        case "add-nodes": try addNodes(step)
        case "campaign": try first().with { $0.campaign() }
        case "compact":
            guard numbers.count == 2 else { throw ScriptRefusal("compact takes a node and an index") }
            try compact(first(), through: EntryIndex(numbers[1]))
        case "deliver-msgs": try deliver(step)
        case "forget-leader": try first().with { $0.forgetLeader() }
        case "log-level": try setLogLevel(step.arguments.first?.key ?? "")
        case "process-ready": try each(numbers, "handling Ready") { try $0.processReady($1) }
        case "process-append-thread": try each(numbers, "processing append thread") { try $0.processAppendThread($1) }
        case "process-apply-thread": try each(numbers, "processing apply thread") { $0.processApplyThread($1) }
        case "propose":
            guard step.arguments.count == 2 else { throw ScriptRefusal("propose takes a node and a text") }
            let record = Array(step.arguments[1].key.utf8)
            try propose({ _ = try $0.propose([record]) }, at: first())
        case "propose-conf-change": try proposeMembershipChange(step, at: first())
        case "raft-log": try writeLog(first())
        case "raft-state": writeRoles()
        case "read-index":
            do {
                try first().with { try $0.read(id: numbers[1]) }
            } catch let refusal as ReadRefusal {
                throw ScriptError(text: "refused: \(refusal)")
            }
        case "report-snapshot":
            let isDelivered = step.values(of: "status") != ["failure"]
            try first().with { $0.reportSnapshot(to: NodeID(numbers[1]), isDelivered: isDelivered) }
        case "report-unreachable": try first().with { $0.reportUnreachable(NodeID(numbers[1])) }
        case "restart":
            let node = try first()
            deliveries.removeAll { $0.to == node.id && $0.isLocal }
            try node.restart()
        case "send-append": try sendAppend(step, from: first(), to: NodeID(numbers[1]), behind: EntryIndex(numbers[2]))
        case "send-snapshot": try sendSnapshot(from: first(), to: NodeID(numbers[1]))
        case "set-randomized-election-timeout":
            guard let ticks = step.values(of: "timeout")?.first.flatMap({ Int($0) }) else {
                throw ScriptRefusal("no timeout")
            }
            try first().with { $0.randomizedElectionTicks = ticks }
        case "stabilize": try stabilize(step)
        case "status": try write(first().with { $0.role == .leader ? Describe.progress($0.tracker) : "" })
        case "tick-election": try first().with { for _ in 0..<$0.configuration.electionTicks { $0.tick() } }
        case "tick-heartbeat": try first().with { for _ in 0..<$0.configuration.heartbeatTicks { $0.tick() } }
        case "transfer-leadership":
            guard let from = step.values(of: "from")?.first.flatMap({ UInt64($0) }),
                let to = step.values(of: "to")?.first.flatMap({ UInt64($0) })
            else { throw ScriptRefusal("transfer-leadership takes from and to") }
            try node(from).with { $0.transferLeadership(to: NodeID(to)) }
        default: throw ScriptError(text: "unknown command")
        }
    }

    private mutating func each(
        _ numbers: [UInt64], _ title: String, _ body: (inout Self, ScriptedNode) throws -> Void
    ) throws {
        for number in numbers {
            let node = try node(number)
            guard numbers.count > 1 else { return try body(&self, node) }
            write("> \(number) \(title)\n")
            try indented { try body(&$0, node) }
        }
    }

    mutating func setLogLevel(_ name: String) throws {
        guard ["debug", "info", "warn", "error", "fatal", "none"].contains(name.lowercased()) else {
            throw ScriptError(text: "log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]")
        }
        isQuiet = name.lowercased() == "none"
    }

    private mutating func stabilize(_ step: Script.Step) throws {
        let wasQuiet = isQuiet
        defer { isQuiet = wasQuiet }
        if let level = step.values(of: "log-level")?.first { try setLogLevel(level) }
        try stabilize(step.numbers.isEmpty ? nodes : step.numbers.map(node))
    }
}
