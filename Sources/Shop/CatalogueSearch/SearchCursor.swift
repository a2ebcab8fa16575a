import Foundation

/// Where a page ended: the sort key and id of its last product, and which query that was. Every node understands it.
///
/// In text, base64url of: version (1 byte), forgiven words (2), digest of the query (8), length of the id (1), id, then
/// the key: a whole number (8) or a title's. Big-endian. It needs no trust: a forged one is at worst a page that begins
/// elsewhere.
struct SearchCursor: Equatable {
    enum Key: Equatable {
        case number(Int64)
        case title(String)
    }
    /// The words, by their places, in which a typo was forgiven on the first page: it then is on all.
    var forgiven: UInt16
    var digest: UInt64
    var key: Key
    /// The product's.
    var id: String

    static let version: UInt8 = 3
    /// What precedes the id.
    private static let headBytes = 12
    /// Of an id; those of products have 30.
    private static let idBytesMax = 255
    /// The longest that we ever make, in base 64.
    private static let charactersMax = (headBytes + idBytesMax + SearchText.keyBytesMax + 2) / 3 * 4

    var text: String {
        var bytes = Data([Self.version, UInt8(forgiven >> 8), UInt8(forgiven & 0xff)])
        withUnsafeBytes(of: digest.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(id.utf8.count))
        bytes.append(contentsOf: id.utf8)
        switch key {
        case .number(let number): withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        case .title(let title): bytes.append(contentsOf: title.utf8)
        }
        return bytes.base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Reads a cursor for a query with this digest and kind of key.
    init(_ text: String, digest: UInt64, isTitle: Bool) throws(CatalogueSearchError) {
        guard text.utf8.count <= Self.charactersMax,
            text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") })
        else { throw .cursorMalformed }
        let padded =
            text.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), data.count >= Self.headBytes, data[0] == Self.version
        else { throw .cursorMalformed }
        let number = { (start: Int) in data[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        guard number(3) == digest else { throw .cursorOfAnotherQuery }
        self.digest = digest
        forgiven = UInt16(data[1]) << 8 | UInt16(data[2])
        let keyStart = Self.headBytes + Int(data[Self.headBytes - 1])
        guard data.count >= keyStart,
            let id = String(validating: data[Self.headBytes..<keyStart], as: UTF8.self)
        else { throw .cursorMalformed }
        self.id = id
        if isTitle {
            guard let title = String(validating: data[keyStart...], as: UTF8.self) else { throw .cursorMalformed }
            key = .title(title)
        } else {
            guard data.count == keyStart + 8 else { throw .cursorMalformed }
            key = .number(Int64(bitPattern: number(keyStart)))
        }
        // One text for one cursor: no stray bits, and no NUL at which SQLite would end a text.
        let texts = isTitle ? data[Self.headBytes...] : data[Self.headBytes..<keyStart]
        guard self.text == text, !texts.contains(0) else { throw .cursorMalformed }
    }

    init(forgiven: UInt16, digest: UInt64, key: Key, id: String) {
        self.forgiven = forgiven
        self.digest = digest
        self.key = key
        self.id = id
    }
}

/// FNV-1a over all that decides which products a query finds, and in which order. The size of a page does not.
/// http://www.isthe.com/chongo/tech/comp/fnv/
struct QueryDigest {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    init(_ query: CatalogueQuery, words: [String]?) {
        add(words.map { $0.joined(separator: " ") })
        add(IndexSchema.path(query.category))
        for brand in Set(query.brands.map(\.storable)).sorted() { add(brand) }
        add(nil)
        add(query.price?.currency)
        add((query.price?.lowest).map(String.init))
        add((query.price?.highest).map(String.init))
        add(query.sku)
        add(query.sort.rawValue)
        add("\(query.audience) \(query.inStockOnly)")
    }

    private mutating func add(_ text: String?) {
        for byte in (text ?? "").utf8 { add(byte) }
        // Neither byte occurs in UTF-8, so fields cannot run into each other.
        add(text == nil ? 0xff : 0xfe)
    }

    private mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
}
