import CatalogueSearch
import EventSourcing
import Foundation
import Testing

extension CatalogueDocument {
    /// A product with one variant, whose SKU is the product's id in capitals.
    static func sample(
        _ id: String, _ title: String, description: String = "", brand: String? = nil, category: [String] = [],
        isActive: Bool = true, amount: Int64 = 1_000, currency: String = "GBP", inStock: Bool = true,
        unitsSold: Int64? = nil,
        createdAt: Int64 = 0
    ) -> CatalogueDocument {
        CatalogueDocument(
            productID: id, title: title, description: description, brand: brand, category: category, isActive: isActive,
            variants: [CatalogueVariant(sku: id.uppercased(), amount: amount, currency: currency, inStock: inStock)],
            unitsSold: unitsSold, createdAt: Timestamp(microseconds: createdAt))
    }
}

extension CatalogueIndex.Limits {
    /// For tests of anything else: a busy machine must not fail them.
    static let patient = CatalogueIndex.Limits(time: .seconds(600))
}

extension CatalogueIndex {
    /// An index in memory with these products.
    static func holding(_ products: [CatalogueDocument]) async throws -> CatalogueIndex {
        let index = try CatalogueIndex(at: .memory, limits: .patient)
        try await index.apply(products.map { .product($0) }, through: LogIndex(1))
        return index
    }

    func ids(_ query: CatalogueQuery) async throws -> [String] { try await search(query).productIDs }

    func ids(_ text: String) async throws -> [String] { try await ids(CatalogueQuery(text: text)) }

    /// All pages of `limit` products each, one behind the other; `between` runs after each page.
    func allPages(_ query: CatalogueQuery, between: () async throws -> Void = {}) async throws -> [String] {
        var query = query
        var ids: [String] = []
        var pages = 0
        repeat {
            let page = try await search(query)
            pages += 1
            try #require(pages < 1_000, "pages without end: \(query)")
            ids += page.productIDs
            query.cursor = page.nextCursor
            try await between()
        } while query.cursor != nil
        return ids
    }
}

/// Runs `body` with the path of an index in a directory of its own.
func withIndexFile(_ body: (String) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "catalogue-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try await body(directory.appending(path: "index.sqlite").path)
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
