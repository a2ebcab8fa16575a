import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Schema

/// Follows one shard's movements of stock and tells the search index which SKUs came into stock or went out of it.
///
/// It looks at most once a second: no shopper needs to know sooner, and a SKU that sells a thousand times in between is
/// looked at once.
struct StockFollower {
    let shard: Shard
    let index: CatalogueIndex
    let floors: RetentionFloors

    private static let pause = Duration.seconds(1)
    private static let limits = LogFollower.Limits(recordsMax: 4_096, bytesMax: 2 << 20)
    /// SKUs collected before they are looked at, behind or not.
    private static let touchedMax = 20_000
    /// SKUs whose last answer is remembered, so that the index hears of changes only; 100 bytes each.
    private static let knownMax = 200_000

    /// - Throws: `CatalogueReplaced` when the index has to be read anew.
    func follow(after start: LogIndex) async throws {
        var written = start
        var touched: Set<SKU> = []
        var known: [SKU: Bool] = [:]
        try await LogFollower(of: shard, limits: Self.limits).follow { beginning in
            guard beginning == .first else { throw SearchFollower.CatalogueReplaced() }
            floors.advance(.searchedStock, shard, to: start)
            return start
        } _: { stretch in
            try collect(stretch.records, into: &touched)
            let last = stretch.last
            // What is committed already is looked at together.
            if touched.count < Self.touchedMax, last < shard.journal.committed { return }
            let isSilent = last.rawValue - written.rawValue < SearchFollower.silentRecordsMax
            guard !touched.isEmpty || !isSilent else { return }
            try await tell(touched, &known, through: last)
            written = last
            floors.advance(.searchedStock, shard, to: last)
            touched = []
            try await Task.sleep(for: Self.pause)
        }
    }

    private func collect(_ records: [JournalRecord], into touched: inout Set<SKU>) throws(MalformedBytes) {
        for record in records {
            for entry in try RecordBody(record.bytes, of: KindSet(Stock.kind)).entries {
                guard let sku = SKU(encoded: entry.id) else { throw MalformedBytes("no SKU", at: 0) }
                touched.insert(sku)
            }
        }
    }

    private func tell(_ touched: Set<SKU>, _ known: inout [SKU: Bool], through position: LogIndex) async throws {
        var changes: [CatalogueChange] = []
        if known.count > Self.knownMax { known = [:] }
        for (sku, isAvailable) in await Availability.read(touched.sorted(), on: shard)
        where known[sku] != isAvailable {
            known[sku] = isAvailable
            changes.append(.availability(sku: sku.description, inStock: isAvailable))
        }
        try await index.apply(changes, through: position, of: SearchFollower.stockLog(shard))
    }
}
