import Checkout
import Commerce
import EventSourcing
import Foundation
import Schema
import Storage

@testable import ActorSystem
@testable import cloudretail

/// A data directory as a node leaves it behind, for the tools that look at one offline.
final class OfflineShop: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "offline-\(UUID().uuidString)").path
    /// Keeps nothing of the log that is not needed.
    static let truncating = DataDirectory.Options(retention: .bytes(0), freeBytesMin: 0)
    static let noon = Timestamp(milliseconds: 1_700_000_000_000)

    let cup = SKU("CUP")!
    let pot = SKU("POT")!

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func order(_ number: UInt64) -> OrderID { OrderID(at: Self.noon, slot: Slot(7), random: number << 20) }

    /// Opens the directory as a node does, and closes it when everything is written down.
    func open(_ body: (Shard, any Journal) async throws -> Void) async throws {
        let directory = try DataDirectory(path: path, shards: 1, creating: true, options: Self.truncating)
        defer { directory.close() }
        let journal = directory.journals[0]
        let shard = Shard(id: journal.shard, journal: journal, states: directory.states[0], kinds: OwnedKind.all) {
            fatalError("\($0)")
        }
        try await shard.recover()
        try await body(shard, journal)
        await shard.saveAll()
    }

    /// Opens the journal beneath the node: what is written there no shard has looked at.
    func tamper(_ body: (any Journal) async throws -> Void) async throws {
        let directory = try DataDirectory(path: path, creating: false, options: Self.truncating)
        defer { directory.close() }
        try await body(directory.journals[0])
    }

    /// What `cloudretail verify` finds.
    func verify() throws -> (verification: Verification, first: LogIndex) {
        let directory = try OfflineDirectory(path: path)
        defer { directory.close() }
        return (try Verification(directory), directory.logs[0].first)
    }
}

extension Shard {
    nonisolated func decide<A: Recorded>(_: A.Type, _ id: A.ID, _ commands: A.Command...) async throws {
        for command in commands {
            _ = try await execute(at: OfflineShop.noon) { batch throws(A.Refusal) in
                try batch.decide(A.self, id, command)
            }.get()
        }
    }
}

extension Journal {
    /// Writes a record that no rule has decided.
    func plant<A: Recorded>(_: A.Type, _ id: A.ID, after version: UInt64, _ events: A.Event...) async throws {
        var body = RecordBodyWriter(kinds: [A.kind])
        body.beginEntry(kind: A.kind, versionBefore: version, events: events.count) { id.encode(into: &$0) }
        for event in events { body.writeEvent { A.encode(event, into: &$0) } }
        let term = standing.leadership?.term ?? 0
        try await commitment(of: try propose(body.bytes, at: OfflineShop.noon, in: term))
    }
}
