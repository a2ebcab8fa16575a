import ActorSystem
import ArgumentParser
import Commerce
import EventSourcing
import Foundation
import Schema
import Storage

/// `cloudretail log`: prints the records of a stopped node's log.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Print the log of a stopped node, record by record.",
        discussion:
            "One line an event, or with --json one object a record. Secrets and hashes are not printed."
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
        let entries = try entries(of: body)
        Swift.print(json ? try line(shard, record, actor, entries) : text(shard, record, actor, entries))
    }

    /// One event of a record, as it is printed.
    private struct Entry: Encodable {
        let kind: UInt8
        let id: String
        let version: UInt64
        let event: String
    }

    private struct Record: Encodable {
        let shard: UInt16
        let index: UInt64
        let time: Date
        /// The account that asked for it; absent for what the shop did by itself.
        let actor: String?
        let entries: [Entry]
    }

    private func entries(of body: RecordBody) throws -> [Entry] {
        var printed: [Entry] = []
        for entry in body.entries {
            var version = entry.versionBefore
            for bytes in entry.events {
                version += 1
                let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
                printed.append(
                    Entry(kind: entry.kind.rawValue, id: event.label, version: version, event: event.text))
            }
        }
        return printed
    }

    private func date(_ time: Timestamp) -> Date { Date(timeIntervalSince1970: Double(time.microseconds) / 1e6) }

    private func line(
        _ shard: ShardID, _ record: JournalRecord, _ actor: CustomerID?, _ entries: [Entry]
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let record = Record(
            shard: shard.rawValue, index: record.index.rawValue, time: date(record.time),
            actor: actor?.description, entries: entries)
        return String(decoding: try encoder.encode(record), as: UTF8.self)
    }

    private func text(
        _ shard: ShardID, _ record: JournalRecord, _ actor: CustomerID?, _ entries: [Entry]
    ) -> String {
        let by = actor.map { " by \($0)" } ?? ""
        let head = "\(shard)/\(record.index) \(date(record.time).ISO8601Format())\(by)"
        return entries.map { "\(head)  \($0.id) v\($0.version)  \($0.event)" }.joined(separator: "\n")
    }
}
