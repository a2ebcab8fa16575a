import ActorSystem
import Commerce
import EventSourcing
import Foundation
import Schema
import Storage

/// A data directory with shards that own what a shop owns: stock and orders.
final class RetailDirectory: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "retail-\(UUID().uuidString)").path
    let shardCount: Int

    init(shards: Int) { shardCount = shards }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Opens the directory, hands the rebuilt shards to `body` and drops everything that they had in memory.
    ///
    /// - Parameter body: is told how many records were replayed.
    func open(_ body: (RetailShards, _ replayed: Int) async throws -> Void) async throws {
        let directory = try DataDirectory(path: path, shards: shardCount, creating: true)
        defer { directory.close() }
        let shards = ShardMap(
            zip(directory.journals, directory.states).map { journal, states in
                Shard(
                    id: journal.shard, of: shardCount, journal: journal, states: states,
                    kinds: [.kind(Order.self), .kind(Stock.self)], limits: .tight, failStop: { fatalError("\($0)") })
            })
        var replayed = 0
        for shard in shards.shards { replayed += try await shard.recover() }
        try await body(RetailShards(shards: shards), replayed)
    }
}

extension ShardLimits {
    /// So small that states are saved and leave memory all the time.
    fileprivate static var tight: ShardLimits {
        var limits = ShardLimits()
        limits.saveLagRecords = 40
        limits.saveLagTicks = 1
        limits.residentsMax = 3
        limits.idleTicks = 1
        return limits
    }
}

struct RetailShards: Sendable {
    let shards: ShardMap

    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    /// So many SKUs that live on `shard`.
    func skus(_ count: Int, on shard: Shard) -> [SKU] {
        Array((0...).lazy.map { SKU("S\($0)")! }.filter { shards[$0.slot].id == shard.id }.prefix(count))
    }

    func order(_ number: UInt64, on shard: Shard) -> OrderID {
        OrderID(at: Self.now, slot: Slot(shard.id.rawValue), random: number << 20)
    }

    func receive(_ units: Units, of sku: SKU) async throws {
        _ = try await shards.execute(on: sku.slot, at: Self.now) { batch throws(Stock.Refusal) in
            try batch.decide(Stock.self, sku, .receive(units, reference: nil))
        }.get()
    }

    /// Places an order and holds all that it needs, or nothing: one batch.
    func place(_ id: OrderID, _ lines: [(SKU, Units)]) async throws -> Stock.Refusal? {
        let customer = CustomerID(at: .zero, slot: id.slot, random: 1 << 20)
        let placement = Placement(
            customer: customer, lines: lines.map { OrderLine(sku: $0.0, quantity: $0.1, unitPrice: 250) },
            currency: .gbp,
            placedBy: customer, deadline: Self.now + .seconds(60))
        let placed = try await shards.execute(on: id.slot, at: Self.now) { batch throws(Stock.Refusal) in
            do throws(Order.Refusal) {
                try batch.decide(Order.self, id, .place(placement))
            } catch {
                preconditionFailure("\(error)")
            }
            for (sku, units) in lines {
                try batch.decide(Stock.self, sku, .reserve(.order(id), units, until: nil))
            }
        }
        if case .failure(let refusal) = placed { return refusal }
        return nil
    }

    /// The order is paid and leaves, and the stock with it: one batch.
    func fulfill(_ id: OrderID, _ skus: [SKU]) async throws {
        try await shards.execute(on: id.slot, at: Self.now) { batch throws(Never) in
            do throws(Order.Refusal) {
                try batch.decide(Order.self, id, .confirmPayment(ChargeID("ch_\(id)")!))
                try batch.decide(Order.self, id, .fulfill)
            } catch {
                preconditionFailure("\(error)")
            }
            for sku in skus {
                do throws(Stock.Refusal) {
                    try batch.decide(Stock.self, sku, .fulfill(.order(id)))
                } catch {
                    preconditionFailure("\(error)")
                }
            }
        }.get()
    }

    func stock(_ sku: SKU) async throws -> Versioned<Stock> { try await shards.read(Stock.self, sku) }
    func order(_ id: OrderID) async throws -> Versioned<Order> { try await shards.read(Order.self, id) }
}

/// What the log says, applied event after event without the shard's help: the states that every other way must come to.
struct FoldedLog: Equatable {
    private(set) var stocks: [SKU: Stock] = [:]
    private(set) var orders: [OrderID: Order] = [:]
    private(set) var versions: [String: UInt64] = [:]
    private(set) var records = 0

    init(_ shards: ShardMap) throws {
        for shard in shards.shards {
            for record in try shard.journal.records(from: LogIndex(1), countMax: .max, bytesMax: .max) {
                records += 1
                for entry in try RecordBody(record.bytes).entries { try fold(entry) }
            }
        }
    }

    private mutating func fold(_ entry: RecordBody.Entry) throws {
        for bytes in entry.events {
            let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
            versions[event.subject, default: 0] += 1
            if let (sku, event) = event.of(Stock.self) {
                stocks[sku, default: Stock(id: sku)].apply(event)
            } else if let (id, event) = event.of(Order.self) {
                orders[id, default: Order(id: id)].apply(event)
            } else {
                throw MalformedBytes("nothing that these shards own", at: 0)
            }
        }
    }
}
