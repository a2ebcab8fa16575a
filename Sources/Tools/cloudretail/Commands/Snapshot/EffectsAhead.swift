import ActorSystem
import Audit
import Commerce
import EventSourcing
import Schema
import Snapshots

/// What shards have done for records of other shards that a snapshot does not have, as their own logs tell it.
///
/// A replica may know more of one shard than of another: then a consumer's position on the one lies behind the end of
/// the other's log.
struct EffectsAhead {
    /// What became of the units of one SKU for one order.
    struct Moves {
        var released: Int64 = 0
        var taken: Int64 = 0
        var returned: Int64 = 0
    }

    /// In and behind the first record of a shard that has such an effect.
    private(set) var moves: [OrderID: [SKU: Moves]] = [:]
    /// Counted as sold, less what was returned, in those records, by the shard of the orders.
    private(set) var sold: [ShardID: [SKU: Int64]] = [:]
    /// Where each consumer was before the first of them.
    private(set) var before: [ConsumerPositionID: LogIndex] = [:]

    private let shards: Int

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    init(_ snapshot: SnapshotFile, _ audit: ShopAudit) throws {
        shards = snapshot.header.shards.count
        let logs = snapshot.logs
        for target in logs {
            let crossing = Consumer.allCases.flatMap { consumer in
                logs.filter { $0.shard != target.shard }.compactMap { source in
                    let id = ConsumerPositionID(
                        consumer: consumer, source: source.shard, slot: Slot(target.shard.rawValue))
                    return audit.position(id) > source.end ? (id, source.end) : nil
                }
            }
            if !crossing.isEmpty { try read(target, Dictionary(uniqueKeysWithValues: crossing)) }
        }
    }

    var isEmpty: Bool { before.isEmpty }

    /// - Parameter ends: of the logs of the sources, by those positions that are behind them.
    private mutating func read(_ log: SnapshotLog, _ ends: [ConsumerPositionID: LogIndex]) throws {
        var known: [ConsumerPositionID: LogIndex] = [:]
        var next = log.first
        while true {
            let records = try log.records(from: next)
            guard let last = records.last else { break }
            for record in records { try take(record, of: log.shard, ends, &known) }
            next = last.index.next
        }
        if let id = ends.keys.first(where: { before[$0] == nil }) { throw Self.untold(id) }
    }

    private mutating func take(
        _ record: JournalRecord, of target: ShardID, _ ends: [ConsumerPositionID: LogIndex],
        _ known: inout [ConsumerPositionID: LogIndex]
    ) throws {
        let body = try RecordBody(record.bytes, of: KindSet(ConsumerPosition.kind, Stock.kind, Product.kind))
        var counted: ShardID?
        for entry in body.entries where entry.kind == ConsumerPosition.kind {
            guard let id = ConsumerPositionID(encoded: entry.id), let end = ends[id] else { continue }
            for bytes in entry.events {
                guard case .advanced(let place) = try ConsumerPosition.decodeEvent(bytes) else { continue }
                if place > end, before[id] == nil {
                    guard let place = known[id] ?? (entry.versionBefore == 0 ? .zero : nil) else {
                        throw Self.untold(id)
                    }
                    before[id] = place
                }
                known[id] = place
            }
            if id.consumer == .catalogue, before[id] != nil { counted = id.source }
        }
        for entry in body.entries {
            if entry.kind == Stock.kind { try takeStock(entry, of: target) }
            if entry.kind == Product.kind, let counted { try takeProduct(entry, ofOrdersOn: counted) }
        }
    }

    private mutating func takeStock(_ entry: RecordBody.Entry, of target: ShardID) throws {
        guard let sku = SKU(encoded: entry.id) else { return }
        for bytes in entry.events {
            switch try Stock.decodeEvent(bytes) {
            case .released(.order(let order), let units) where isAhead(of: order, target):
                moves[order, default: [:]][sku, default: Moves()].released += units.rawValue
            case .fulfilled(.order(let order), let units) where isAhead(of: order, target):
                moves[order, default: [:]][sku, default: Moves()].taken += units.rawValue
            case .restocked(let units, let order) where isAhead(of: order, target):
                moves[order, default: [:]][sku, default: Moves()].returned += units.rawValue
            default: break
            }
        }
    }

    private func isAhead(of order: OrderID, _ target: ShardID) -> Bool {
        before[
            ConsumerPositionID(
                consumer: .inventory, source: order.slot.shard(of: shards), slot: Slot(target.rawValue))] != nil
    }

    private mutating func takeProduct(_ entry: RecordBody.Entry, ofOrdersOn source: ShardID) throws {
        for bytes in entry.events {
            switch try Product.decodeEvent(bytes) {
            case .unitsSold(let lines):
                for line in lines { sold[source, default: [:]][line.sku, default: 0] += line.units.rawValue }
            case .unitsReturned(let lines):
                for line in lines { sold[source, default: [:]][line.sku, default: 0] -= line.units.rawValue }
            default: break
            }
        }
    }

    private static func untold(_ id: ConsumerPositionID) -> Refusal {
        Refusal(
            description: "\(id) is behind the end of that shard's log, and no log tells what it has done there: "
                + "take the snapshot again")
    }
}
