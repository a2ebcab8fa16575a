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

    var description: String {
        let fields = (errors ?? []).map { "\($0.pointer ?? "?"): \($0.detail ?? "?")" }
        let text = [code, detail ?? title].compactMap { $0 }.joined(separator: ": ")
        return fields.isEmpty ? text : "\(text) (\(fields.joined(separator: "; ")))"
    }
}

/// The problem codes that a client treats in a way of their own.
enum ProblemCode {
    static let skuTaken = "sku_taken"
    static let insufficientStock = "insufficient_stock"
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
    }

    /// The gateway takes no more in one request.
    static let countMax = 1000

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
}
