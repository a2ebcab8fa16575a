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
    private static let recordsPerStepMax = 4_096
    private static let bytesPerStepMax = 2 << 20
    /// SKUs collected before they are looked at, behind or not.
    private static let touchedMax = 20_000
    /// SKUs whose last answer is remembered, so that the index hears of changes only; 100 bytes each.
    private static let knownMax = 200_000

    func follow(after start: LogIndex) async throws {
        var commits = shard.journal.commits().makeAsyncIterator()
        var cursor = start
        var written = start
        floors.advance(.searchedStock, shard, to: start)
        var touched: Set<SKU> = []
        var known: [SKU: Bool] = [:]
        while true {
            try Task.checkCancellation()
            let records = try shard.journal.records(
                from: cursor.next, countMax: Self.recordsPerStepMax, bytesMax: Self.bytesPerStepMax)
            if let last = records.last {
                try collect(records, into: &touched)
                cursor = last.index
                if touched.count < Self.touchedMax { continue }
            }
            if !touched.isEmpty || cursor.rawValue - written.rawValue >= SearchFollower.silentRecordsMax {
                try await tell(touched, &known, through: cursor)
                written = cursor
                floors.advance(.searchedStock, shard, to: written)
                touched = []
                try await Task.sleep(for: Self.pause)
            } else if await commits.next() == nil {
                return
            }
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
        for (sku, isAvailable) in try await Availability.read(touched.sorted(), on: shard)
        where known[sku] != isAvailable {
            known[sku] = isAvailable
            changes.append(.availability(sku: sku.description, inStock: isAvailable))
        }
        try await index.apply(changes, through: position, of: SearchFollower.stockLog(shard))
    }
}
