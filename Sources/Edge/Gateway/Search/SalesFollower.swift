import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Schema

/// Follows the sales in the catalogue's log and tells the search index how many units of each product were ever sold.
///
/// Each product told rewrites a page of the index's table and two of its order by sales. It tells of many together, in
/// the order of their ids, in which the index keeps them: neighbours share the pages.
struct SalesFollower {
    let catalogue: Shard
    let index: CatalogueIndex
    let floors: RetentionFloors
    /// Between two times that the index is told, as long as there is room for what is sold meanwhile.
    let pause: Duration

    private static let limits = LogFollower.Limits(recordsMax: 512, bytesMax: 1 << 20)
    /// Products collected before the index is told, however long the pause: two megabytes.
    private static let soldMax = 65_536
    /// Products told in one transaction, for which a change of a product may have to wait.
    private static let toldMax = 2_048
    /// Products looked at in one step of the shard: a quarter of a millisecond.
    private static let productsPerStepMax = 128

    /// - Throws: `CatalogueReplaced` when the index has to be read anew.
    func follow(after start: LogIndex) async throws {
        var written = start
        var sold: Set<ProductID> = []
        var pause = CollectionPause(pause, on: .continuous)
        try await LogFollower(of: catalogue, limits: Self.limits).follow { beginning in
            guard beginning == .first else { throw SearchFollower.CatalogueReplaced() }
            floors.advance(.searchedSales, catalogue, to: start)
            return start
        } _: { stretch in
            sold.formUnion(try CatalogueChanges(stretch.records).sold)
            let last = stretch.last
            let isLongSilent = last.rawValue - written.rawValue >= SearchFollower.silentRecordsMax
            if !isLongSilent, sold.count < Self.soldMax {
                // Waited for where nothing was sold as well: the log is not held for longer than the pause.
                let limit = Self.limits.recordsMax
                guard try await pause.isOver(behind: last, reading: limit, of: catalogue) else { return }
            }
            try await tell(sold.sorted(), after: written, through: last)
            written = last
            floors.advance(.searchedSales, catalogue, to: last)
            sold = []
            pause.begin()
        }
    }

    /// The position moves with the last of them: after a failure all are told again.
    private func tell(_ products: [ProductID], after written: LogIndex, through last: LogIndex) async throws {
        var rest = products[...]
        repeat {
            let changes = await unitsSold(of: rest.prefix(Self.toldMax))
            rest = rest.dropFirst(Self.toldMax)
            try await index.apply(changes, through: rest.isEmpty ? last : written, of: SearchFollower.salesLog)
        } while !rest.isEmpty
    }

    /// As they stand, now or later than the last record noted; what is sold behind that record is noted in its turn.
    private func unitsSold(of products: ArraySlice<ProductID>) async -> [CatalogueChange] {
        var changes: [CatalogueChange] = []
        var rest = products
        while !rest.isEmpty {
            let step = rest.prefix(Self.productsPerStepMax)
            rest = rest.dropFirst(Self.productsPerStepMax)
            changes += await catalogue.readCommitted { states in
                step.map { id in
                    let units = states.look(at: Product.self, id) { Int64(clamping: $0.state.unitsSold) }
                    return .unitsSold(productID: id.description, units: units)
                }
            }
        }
        return changes
    }
}
