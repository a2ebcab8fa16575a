import ActorSystem
import ArgumentParser
import Commerce
import EventSourcing
import Gateway
import Schema
import Storage

/// `cloudretail log`: prints the records of a stopped node's log.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Print the log of a stopped node, record by record.",
        discussion:
            """
            One line an event, or with --json one object a record, on a line of its own. An event is told by the name \
            and the data that the feed of events tells; one that stays inside the shop has a name and data of the \
            same form. Secrets and hashes are not printed.
            """
    )

    @Option(name: .customLong("data-dir"), help: "The data directory of a node that is not running.")
    var dataDirectory: String

    @Option(help: "The first index to print, of every shard.")
    var from: UInt64 = 1

    @Option(
        help: ArgumentHelp("Print only what this account asked for.", valueName: "account"),
        transform: LogCommand.account)
    var actor: CustomerID?

    @Flag(help: "Print each record as one JSON object a line.")
    var json = false

    private static let recordsAtOnceMax = 1_024
    private static let bytesAtOnceMax = 4 << 20

    func run() async throws {
        let directory = try OfflineDirectory(path: dataDirectory)
        defer { directory.close() }
        for log in directory.logs {
            var next = max(LogIndex(from), log.first)
            while next <= log.end {
                let records = try log.records(
                    from: next, countMax: Self.recordsAtOnceMax, bytesMax: Self.bytesAtOnceMax)
                guard let last = records.last else { break }
                for record in records { try print(record, of: log.shard) }
                next = last.index.next
            }
        }
    }

    private static func account(_ text: String) throws -> CustomerID {
        guard let account = CustomerID(text) else { throw ValidationError("\"\(text)\" is not the id of an account.") }
        return account
    }

    private func print(_ record: JournalRecord, of shard: ShardID) throws {
        let body = try RecordBody(record.bytes)
        let actor = body.actor.flatMap { CustomerID($0) }
        guard self.actor == nil || actor == self.actor else { return }
        let printed = Printed(shard: shard, record: record, actor: actor, events: try events(of: body))
        Swift.print(json ? printed.line : printed.text)
    }

    private func events(of body: RecordBody) throws -> [Printed.Event] {
        var events: [Printed.Event] = []
        for entry in body.entries {
            var version = entry.versionBefore
            for bytes in entry.events {
                version += 1
                let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
                events.append(Printed.Event(kind: entry.kind, version: version, event: event))
            }
        }
        return events
    }
}

/// A record as it is printed: each event by its name and with what it tells, both as the feed has them.
private struct Printed {
    struct Event {
        let kind: AggregateKind
        let version: UInt64
        let event: RetailEvent
    }

    let shard: ShardID
    let record: JournalRecord
    /// The account that asked for it; nil for what the shop did by itself.
    let actor: CustomerID?
    let events: [Event]

    /// One object of JSON.
    var line: String {
        var json = JSONWriter()
        json.object { json in
            json.field("shard", Int64(shard.rawValue))
            json.field("index", Int64(clamping: record.index.rawValue))
            json.field("time", record.time)
            if let actor { json.field("actor", actor) }
            json.array("events") { json in
                for event in events { json.object { Self.write(event, to: &$0) } }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func write(_ event: Event, to json: inout JSONWriter) {
        json.field("kind", Int64(event.kind.rawValue))
        json.field("subject", event.event.subject)
        json.field("version", Int64(clamping: event.version))
        json.field("type", event.event.printedName)
        json.object("data") { event.event.fields().write(to: &$0) }
    }

    /// One line an event.
    var text: String {
        let by = actor.map { " by \($0)" } ?? ""
        let head = "\(shard)/\(record.index) \(record.time.rfc3339)\(by)"
        return events.map { event in
            var data = JSONWriter()
            data.object { event.event.fields().write(to: &$0) }
            let told = String(decoding: data.bytes, as: UTF8.self)
            return "\(head)  \(event.event.label) v\(event.version)  \(event.event.printedName) \(told)"
        }.joined(separator: "\n")
    }
}
