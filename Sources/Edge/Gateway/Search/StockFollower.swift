import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Schema

/// Follows one shard's movements of stock and tells the search index which SKUs came into stock or went out of it.
///
/// It tells at most once a second: no shopper needs to know sooner, and a SKU that sells a thousand times in between is
/// looked at once. What only went down and is still available was so before, as the index knows already: most orders
/// cost the index nothing.
struct StockFollower {
    let shard: Shard
    let index: CatalogueIndex
    let floors: RetentionFloors

    private static let pause = Duration.seconds(1)
    private static let limits = LogFollower.Limits(recordsMax: 512, bytesMax: 1 << 20)
    /// SKUs collected before they are looked at, behind or not.
    private static let movedMax = 20_000

    /// - Throws: `CatalogueReplaced` when the index has to be read anew.
    func follow(after start: LogIndex) async throws {
        var written = start
        var moved = MovedStock()
        var pause = CollectionPause(Self.pause, on: .continuous)
        try await LogFollower(of: shard, limits: Self.limits).follow { beginning in
            guard beginning == .first else { throw SearchFollower.CatalogueReplaced() }
            floors.advance(.searchedStock, shard, to: start)
            return start
        } _: { stretch in
            for record in stretch.records { try moved.note(record) }
            let last = stretch.last
            let isLongSilent = last.rawValue - written.rawValue >= SearchFollower.silentRecordsMax
            if !isLongSilent, moved.count < Self.movedMax {
                let limit = Self.limits.recordsMax
                guard !moved.isEmpty, try await pause.isOver(behind: last, reading: limit, of: shard) else { return }
            }
            let changes = moved.changes(await Availability.read(moved.skus, on: shard))
            try await index.apply(changes, through: last, of: SearchFollower.stockLog(shard))
            written = last
            floors.advance(.searchedStock, shard, to: last)
            moved = MovedStock()
            pause.begin()
        }
    }
}

/// The SKUs whose stock has moved since the search index was told.
struct MovedStock {
    /// By SKU, whether units of it have become available.
    private var hasRisen: [SKU: Bool] = [:]

    var count: Int { hasRisen.count }
    var isEmpty: Bool { hasRisen.isEmpty }
    /// In their order.
    var skus: [SKU] { hasRisen.keys.sorted() }

    /// - Throws: when the record cannot be read.
    mutating func note(_ record: JournalRecord) throws(MalformedBytes) {
        for entry in try RecordBody(record.bytes, of: KindSet(Stock.kind)).entries where entry.kind == Stock.kind {
            guard let sku = SKU(encoded: entry.id) else { throw MalformedBytes("no SKU", at: 0) }
            var rises = hasRisen[sku] ?? false
            for bytes in entry.events where !rises { rises = try Stock.decodeEvent(bytes).makesAvailable }
            hasRisen[sku] = rises
        }
    }

    /// What the index has to be told of them.
    ///
    /// - Parameter available: whether there are units of each, now or later than the last record noted; what changes
    ///   behind that record is noted in its turn.
    func changes(_ available: [(SKU, Bool)]) -> [CatalogueChange] {
        available.compactMap { sku, isAvailable in
            if isAvailable, hasRisen[sku] == false { return nil }
            return .availability(sku: sku.description, inStock: isAvailable)
        }
    }
}

extension Stock.Event {
    /// Whether units can be bought behind it that could not be before.
    fileprivate var makesAvailable: Bool {
        switch self {
        case .received, .restocked, .released, .expired: true
        case .adjusted(let delta, _): delta > 0
        case .reserved, .fulfilled: false
        }
    }
}
