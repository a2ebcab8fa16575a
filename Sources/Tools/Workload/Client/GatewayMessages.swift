/// An amount of money: minor units of an ISO 4217 currency.
struct Money: Codable, Equatable, Sendable {
    let amount: Int64
    let currency: String
}

/// A refusal as RFC 9457 describes it, with our stable `code`.
struct Problem: Codable, Equatable, Sendable, CustomStringConvertible {
    struct Field: Codable, Equatable, Sendable {
        let pointer: String?
        let detail: String?
    }

    let code: String?
    let title: String?
    let detail: String?
    let errors: [Field]?
    /// Of `sku_taken`: the SKUs that products have, and those products, in the same order.
    var skus: [String]?
    var products: [String]?
    /// Of `stock_changed`.
    var onHand: Int64?

    var description: String {
        let fields = (errors ?? []).map { "\($0.pointer ?? "?") \($0.detail ?? "?")" }
        let all = fields.joined(separator: "; ")
        // Of fields that cannot be read the detail is the first again.
        if let first = fields.first, let detail, detail.hasPrefix(first) {
            return [code, all].compactMap { $0 }.joined(separator: ": ")
        }
        let text = [code, detail ?? title].compactMap { $0 }.joined(separator: ": ")
        return fields.isEmpty ? text : "\(text) (\(all))"
    }
}

/// The problem codes that a client treats in a way of their own.
enum ProblemCode {
    static let skuTaken = "sku_taken"
    static let keyReused = "idempotency_key_reused"
    static let insufficientStock = "insufficient_stock"
    static let stockChanged = "stock_changed"
    static let versionMismatch = "version_mismatch"
}

struct NewProduct: Codable, Equatable, Sendable {
    struct Variant: Codable, Equatable, Sendable {
        var sku: String
        var price: Money
        var title: String?
        var attributes: [String: String]?
    }

    var title: String
    var description: String?
    var brand: String?
    var category: String?
    var attributes: [String: String]?
    var imageUrls: [String]?
    var active: Bool?
    var variants: [Variant]
}

struct NewProducts: Encodable, Sendable {
    /// The gateway takes no more in one request.
    static let countMax = 100

    let products: [NewProduct]
}

struct Receipts: Encodable, Sendable {
    struct Receipt: Encodable, Sendable {
        let sku: String
        let quantity: Int64
        let reference: String
        /// Taken only by a SKU whose stock has never moved.
        var initial: Bool?
    }

    /// The gateway takes no more in one request.
    static let countMax = 1000
    /// Nor more units of one SKU.
    static let quantityMax: Int64 = 1_000_000_000_000

    let receipts: [Receipt]
}

/// The answers of a batch, in the order of what was asked.
struct BatchResults: Decodable, Sendable {
    struct Result: Decodable, Sendable {
        let status: Int
        let id: String?
        let problem: Problem?

        var succeeded: Bool { (200..<300).contains(status) }
    }

    let results: [Result]
}

struct NewOrder: Encodable, Sendable {
    struct Item: Encodable, Sendable {
        let sku: String
        let quantity: Int64
        let unitPrice: Int64
    }

    let customerReference: String
    let items: [Item]
}

struct OrderDocument: Decodable, Sendable {
    let id: String
    let status: String
    let total: Money?
}

struct InventoryDocument: Decodable, Sendable {
    let sku: String
    let onHand: Int64
    let reserved: Int64
    /// How often the stock has moved.
    var version: Int64?
}

/// A count of stock, provided that it is still what was expected.
struct StockCount: Encodable, Sendable {
    let onHand: Int64
    let expected: Int64
    let reason: String
    let note: String
}

/// A product as the catalogue has it.
struct ProductDocument: Decodable, Equatable, Sendable {
    struct Variant: Decodable, Equatable, Sendable {
        let sku: String
        let title: String?
        let attributes: [String: String]
        let price: Money
    }

    let id: String
    let title: String
    let description: String
    let brand: String
    let category: String
    let attributes: [String: String]
    let imageUrls: [String]
    let active: Bool
    let variants: [Variant]

    var skus: Set<String> { Set(variants.map(\.sku)) }
}

struct ProductPage: Decodable, Sendable {
    let data: [ProductDocument]
}
