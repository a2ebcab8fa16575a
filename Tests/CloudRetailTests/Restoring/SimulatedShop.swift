import Audit
import Checkout
import Commerce
import Consensus
import EventSourcing
import Foundation
import LogFormat
import Schema
import Storage

@testable import ActorSystem
@testable import Simulation
@testable import Snapshots
@testable import Workload

/// The logs that a simulated cluster of several shards has written under faults, and snapshots of them as a replica has
/// them that knows each shard up to a place of its own.
final class SimulatedShop {
    /// By shard, every entry from the first on.
    let logs: [[Entry]]
    private let folder = FileManager.default.temporaryDirectory.appending(path: "cuts-\(UUID().uuidString)")

    init(seed: UInt64, shards: Int = 3) {
        var settings = Settings(seed: seed)
        (settings.shards, settings.nodes, settings.duration) = (shards, 3, .seconds(8))
        let world = Simulator.populated(settings)
        _ = world.run()
        logs = world.histories.map(\.entries)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// With logs that a test has written.
    init(logs: [[Entry]]) throws {
        self.logs = logs
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// The entries of a log with these records, all of one moment.
    static func log(of records: [[RecordBody.Change]]) -> [Entry] {
        records.enumerated().map { number, changes in
            let record = RecordPayload.encode(RecordBody.encode(changes), at: OfflineShop.noon)
            return Entry(id: EntryID(term: Term(1), index: EntryIndex(UInt64(number + 1))), payload: .record(record))
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// - Parameters:
    ///   - cut: how many entries of each log it has.
    ///   - saved: how many of them the saved states have; without it there are none.
    ///   - isTruncated: whether what the saved states have is gone from the logs.
    func snapshot(at cut: [Int], saved: [Int]? = nil, isTruncated: Bool = false) throws -> SnapshotFile {
        let start = EntryID(term: Term(0), index: EntryIndex(0))
        func id(_ shard: Int, _ count: Int) -> EntryID { count == 0 ? start : logs[shard][count - 1].id }
        let saved = saved ?? cut.map { _ in 0 }
        let bounds = cut.indices.map { shard in
            LogBounds(
                base: isTruncated ? id(shard, saved[shard]) : start, end: id(shard, cut[shard]),
                checkpoint: id(shard, saved[shard]))
        }
        var encoder = SnapshotEncoder(
            SnapshotHeader(
                file: 1, cluster: 1, node: NodeID(1), takenAt: World.epoch, program: "test", shards: bounds))
        var bytes = encoder.beginning
        for shard in cut.indices {
            let entries = logs[shard][(isTruncated ? saved[shard] : 0)..<cut[shard]]
            for piece in Array(entries).batches(of: 64) {
                bytes += encoder.chunk(piece.elements, of: ShardID(UInt16(shard)))
            }
            for piece in try rows(of: shard, after: saved[shard]).batches(of: 20) {
                bytes += encoder.chunk(piece.elements, of: ShardID(UInt16(shard)))
            }
        }
        bytes += encoder.end()
        let path = path("snapshot")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try SnapshotFile(path: path)
    }

    /// The states of a shard as they are saved behind so many entries.
    private func rows(of shard: Int, after count: Int) throws -> [StateRow] {
        var audit = ShopAudit(shards: logs.count)
        for record in logs[shard].prefix(count).compactMap(JournalRecord.init) {
            audit.take(record, of: ShardID(UInt16(shard)))
        }
        var states = SavedRows()
        try audit.visitStates(at: LogIndex(UInt64(count)), &states)
        return states.rows.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    private struct SavedRows: ShopStateVisitor {
        var rows: [StateRow] = []

        mutating func visit<A: Recorded>(_ id: A.ID, _ value: Versioned<A>) {
            rows += StoredStates.rows(of: value, id: id)
        }
    }

    /// So many entries of each log that no effect on another shard is owed any more of them, in a replica of this cut.
    func savedSafely(at cut: [Int], _ audit: ShopAudit, _ random: inout Generator) throws -> [Int] {
        try logs.indices.map { shard in
            let source = ShardID(UInt16(shard))
            let records = logs[shard].prefix(cut[shard]).compactMap(JournalRecord.init)
            let owed = try OrderStepReader.read(records).effects.first { effect in
                let units = audit.order(effect.order)?.state.units(movedBy: effect.effect) ?? []
                return units.contains { line in
                    let target = line.sku.slot.shard(of: logs.count)
                    let id = ConsumerPositionID(consumer: .inventory, source: source, slot: Slot(target.rawValue))
                    return target != source && audit.position(id) < effect.index
                }
            }
            let safe = owed.map { Int($0.index.rawValue) - 1 } ?? cut[shard]
            return random.below(safe + 1)
        }
    }

    /// A name for a file or folder that goes with the shop.
    func path(_ name: String) -> String { folder.appending(path: "\(name)-\(UUID().uuidString)").path }

    /// Places at random in each log, or such that lie about at one moment of the whole.
    func randomCut(_ random: inout Generator) -> [Int] {
        let moment = random.chance(0.5) ? Double(random.below(1_000)) / 1_000 : nil
        return logs.map { log in
            guard let moment else { return random.below(log.count + 1) }
            let near = Int(moment * Double(log.count)) + random.below(12) - 6
            return min(max(near, 0), log.count)
        }
    }

    // MARK: - What the logs say

    /// Every record of the whole logs, shard by shard.
    private func forEachEntry(in logs: [[Entry]], _ body: (RecordBody.Entry) throws -> Void) rethrows {
        for entry in logs.flatMap({ $0 }) {
            guard let record = JournalRecord(entry), let record = try? RecordBody(record.bytes) else { continue }
            for entry in record.entries { try body(entry) }
        }
    }

    /// The charges that the provider remembers.
    var charges: [OrderID: ChargeID] {
        var charges: [OrderID: ChargeID] = [:]
        forEachEntry(in: logs) { entry in
            guard entry.kind == Order.kind, let id = OrderID(encoded: entry.id) else { return }
            for bytes in entry.events {
                if case .paid(let charge, _)? = try? Order.decodeEvent(bytes) { charges[id] = charge }
            }
        }
        return charges
    }

    /// What people have put into the stock and taken out of it, up to a cut, by SKU.
    func received(at cut: [Int]) -> [SKU: Int64] {
        var received: [SKU: Int64] = [:]
        forEachEntry(in: zip(logs, cut).map { Array($0.prefix($1)) }) { entry in
            guard entry.kind == Stock.kind, let sku = SKU(encoded: entry.id) else { return }
            for bytes in entry.events {
                switch try? Stock.decodeEvent(bytes) {
                case .received(let units, _): received[sku, default: 0] += units.rawValue
                case .adjusted(let delta, _): received[sku, default: 0] += delta
                case .fulfilled(.manual, let units): received[sku, default: 0] -= units.rawValue
                default: break
                }
            }
        }
        return received
    }

    /// What each order of a cut has taken out of the stock for good, by what it says itself; nil while it is open.
    func taken(at cut: [Int]) -> [OrderID: [SKU: Int64]?] {
        var orders: [OrderID: Order] = [:]
        var taken: [OrderID: [SKU: Int64]] = [:]
        forEachEntry(in: zip(logs, cut).map { Array($0.prefix($1)) }) { entry in
            guard entry.kind == Order.kind, let id = OrderID(encoded: entry.id) else { return }
            for bytes in entry.events {
                guard let event = try? Order.decodeEvent(bytes) else { continue }
                orders[id, default: Order(id: id)].apply(event)
                let order = orders[id]!
                let (sign, units): (Int64, [SKUUnits]) =
                    switch event {
                    case .fulfilled: (1, order.holds)
                    case .cancelled(_, _, restock: true, _), .refundRequested(_, restock: true, _):
                        (-1, order.holdsLeft)
                    case .partRefundRequested(_, let lines, _, _): (-1, order.unitsRestocked(by: lines))
                    default: (0, [])
                    }
                for line in units { taken[id, default: [:]][line.sku, default: 0] += sign * line.units.rawValue }
            }
        }
        return orders.mapValues { order in
            order.status == .placed || order.status == .paid ? nil : taken[order.id, default: [:]]
        }
    }
}
