/// What `Range` asks for (RFC 9110, section 14.2).
enum ByteRange: Equatable {
    /// Some of the bytes, at least one.
    case part(Range<Int>)
    /// Nothing that the content has.
    case unsatisfiable
    /// What is not understood, or are several parts, is answered with the whole, as a server may.
    case whole

    /// - Parameter count: bytes of the content.
    init(_ text: String, of count: Int) {
        self = .whole
        guard text.hasPrefix("bytes=") else { return }
        let parts = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return }
        guard let first = Self.number(parts[0]), let last = Self.number(parts[1]) else { return }
        switch (first, last) {
        case (nil, nil): return
        case (nil, let length?): self = Self.within(max(0, count - length)..<count, count)
        case (let start?, nil): self = Self.within(start..<max(start, count), count)
        case (let start?, let end?):
            guard start <= end else { return }
            self = Self.within(start..<max(start, min(end + 1, count)), count)
        }
    }

    private static func within(_ range: Range<Int>, _ count: Int) -> ByteRange {
        range.isEmpty || range.lowerBound >= count ? .unsatisfiable : .part(range)
    }

    /// 18 digits fit 64 bits.
    private static let digitsMax = 18

    /// - Returns: nil for what is no number; `.some(nil)` for nothing at all.
    private static func number(_ text: Substring) -> Int?? {
        if text.isEmpty { return .some(nil) }
        guard text.utf8.count <= digitsMax, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}

/// The codings that `Accept-Encoding` names (RFC 9110, section 12.5.3).
struct AcceptedCodings {
    private var allowed: [Substring: Bool] = [:]

    init(_ values: [String]) {
        for value in values {
            for element in value.split(separator: ",") {
                let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
                guard let name = parts.first else { continue }
                allowed[name[...]] = !parts.dropFirst().contains(where: Self.isRefusal)
            }
        }
    }

    /// Whether a weight is nought.
    private static func isRefusal(_ weight: String) -> Bool {
        weight.hasPrefix("q=0") && weight.dropFirst(3).allSatisfy { $0 == "." || $0 == "0" }
    }

    func allow(_ coding: String) -> Bool { allowed[coding[...]] ?? allowed["*"] ?? false }
}
