import NIOCore

/// One request of a load, for any node.
struct LoadRequest: Sendable {
    /// What is the same in all requests to one node.
    struct Node: Sendable {
        let prefix: String
        let host: String

        init(_ address: GatewayAddress) {
            prefix = address.prefix
            host = " HTTP/1.1\r\nHost: \(address.authority)\r\n"
        }
    }

    /// A key and JSON.
    struct Content: Sendable {
        let key: String
        let json: String
    }

    private static let bytesExpected = 1_024

    let path: String
    /// Whole lines, the same in all requests of the load.
    let fields: String
    /// What is posted; nil for a read.
    let content: Content?

    /// As it is sent.
    func bytes(to node: Node) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(Self.bytesExpected)
        bytes.writeStaticString(content == nil ? "GET " : "POST ")
        bytes.writeString(node.prefix)
        bytes.writeString(path)
        bytes.writeString(node.host)
        bytes.writeString(fields)
        guard let content else {
            bytes.writeStaticString("\r\n")
            return bytes
        }
        bytes.writeStaticString("Idempotency-Key: ")
        bytes.writeString(content.key)
        bytes.writeStaticString("\r\nContent-Type: application/json\r\nContent-Length: ")
        bytes.writeString(String(content.json.utf8.count))
        bytes.writeStaticString("\r\n\r\n")
        bytes.writeString(content.json)
        return bytes
    }
}

/// Makes the requests of a load, one after the other.
struct LoadRequests: Sendable {
    /// What is asked for.
    enum Kind: Sendable {
        /// Orders of two lines on two different SKUs, chosen at random.
        case orders(skus: Int)
        /// Orders of two lines on one SKU.
        case hotSKU
        /// Products by id, chosen at random.
        case reads(ids: [String])
    }

    private let kind: Kind
    private let fields: String
    private let customers: Int
    private let run: String
    private var random: SplitMix64
    private var count = 0

    /// - Parameters:
    ///   - customers: over how many customers orders are spread; 0 for orders of the token's own account.
    ///   - seed: makes the choices repeatable, and the idempotency keys unique to the run.
    init(kind: Kind, token: String, customers: Int, seed: UInt64) {
        self.kind = kind
        self.customers = customers
        fields = "Authorization: Bearer \(token)\r\nAccept: application/json\r\n"
        random = SplitMix64(state: seed)
        run = withUnsafeBytes(of: seed.bigEndian) { $0.hexadecimal }
    }

    mutating func next() -> LoadRequest {
        count += 1
        switch kind {
        case .reads(let ids):
            let path = "/api/v1/products/\(ids[random.below(ids.count)])"
            return LoadRequest(path: path, fields: fields, content: nil)
        case .hotSKU:
            return order(1, 1)
        case .orders(let skus):
            let first = random.below(skus)
            let second = (first + 1 + random.below(skus - 1)) % skus
            return order(first + 1, second + 1)
        }
    }

    /// An order of one unit of the one and two of the other.
    private mutating func order(_ first: Int, _ second: Int) -> LoadRequest {
        var json = "{"
        if customers > 0 { json += #""customer_reference":"bench-\#(random.below(customers) + 1)","# }
        json += #""items":[{"sku":"\#(benchSKU(first))","quantity":1},{"sku":"\#(benchSKU(second))","quantity":2}]}"#
        return LoadRequest(
            path: "/api/v1/orders", fields: fields, content: .init(key: "bench-\(run)-\(count)", json: json))
    }
}

/// `BENCH-000001` and so on, from 1.
func benchSKU(_ number: Int) -> String {
    let digits = String(number)
    return "BENCH-" + String(repeating: "0", count: max(6 - digits.count, 0)) + digits
}

/// A small and quick source of choices. https://prng.di.unimi.it/splitmix64.c
struct SplitMix64: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// A number from 0 to below `limit`, which is above zero.
    mutating func below(_ limit: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(limit)).high) }
}
