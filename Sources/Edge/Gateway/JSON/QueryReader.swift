import EventSourcing
import Hummingbird

/// Reads the parameters of a query and notes what is wrong with each, as ``ObjectReader`` does for a body.
///
///     let page = try QueryReader.read(request) { (query: inout QueryReader) -> Page? in
///         Page(limit: query.integer("limit", in: 1...100) ?? 20, cursor: query.string("cursor", length: 1...200))
///     }
///
/// All parameters are optional; getters answer nil for what is missing and for what is refused. A parameter that
/// no route asked for, that comes twice or that is not percent-encoded UTF-8 is an error.
public struct QueryReader {
    /// Parameters of one query. No route of ours has half as many.
    public static let countMax = 32

    private var parameters: [(name: String, value: String)] = []
    private var errors: [FieldError] = []

    /// - Throws: ``FieldErrors`` with pointers such as `/query/limit`.
    public static func read<T>(_ request: Request, _ body: (inout QueryReader) -> T?) throws(FieldErrors) -> T {
        var reader = QueryReader(request.uri.query ?? "")
        let value = body(&reader)
        for (name, _) in reader.parameters { reader.note(name, "is not a known parameter") }
        guard let value, reader.errors.isEmpty else {
            throw FieldErrors(
                reader.errors.isEmpty ? [FieldError(pointer: "/query", detail: "is refused")] : reader.errors)
        }
        return value
    }

    init(_ query: String) {
        for pair in query.split(separator: "&").prefix(Self.countMax + 1) {
            guard parameters.count < Self.countMax else {
                errors.append(FieldError(pointer: "/query", detail: "must have at most \(Self.countMax) parameters"))
                return
            }
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(halves[0]), let value = Self.decode(halves.count > 1 ? halves[1] : "") else {
                errors.append(FieldError(pointer: "/query", detail: "must be percent-encoded UTF-8"))
                continue
            }
            if parameters.contains(where: { $0.name == name }) {
                note(name, "comes twice")
            } else {
                parameters.append((name, value))
            }
        }
    }

    // MARK: Parameters

    public mutating func string(_ name: String, length: ClosedRange<Int> = 0...1_024) -> String? {
        guard let text = take(name) else { return nil }
        guard length.contains(text.unicodeScalars.count) else {
            return refuse(name, "must have \(length.lowerBound) to \(length.upperBound) characters")
        }
        return text
    }

    public mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = take(name) else { return nil }
        guard let value = JSONNumber.plainInteger(ArraySlice(text.utf8)), text.utf8.first != UInt8(ascii: "+"),
            range.contains(value)
        else { return refuse(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)") }
        return value
    }

    public mutating func boolean(_ name: String) -> Bool? {
        switch take(name) {
        case nil: nil
        case "true": true
        case "false": false
        default: refuse(name, "must be true or false")
        }
    }

    public mutating func choice<T: RawRepresentable & CaseIterable>(_ name: String, of: T.Type = T.self) -> T?
    where T.RawValue == String {
        guard let text = take(name) else { return nil }
        return T(rawValue: text)
            ?? refuse(name, FieldForm.one(of: T.allCases.map(\.rawValue)))
    }

    /// A value that `parse` makes of the text; `detail` is what is said when it cannot.
    public mutating func value<T>(_ name: String, _ detail: String, _ parse: (String) -> T?) -> T? {
        guard let text = take(name) else { return nil }
        return parse(text) ?? refuse(name, detail)
    }

    /// A moment as RFC 3339 has it. Its `+` may come as it is, which a form takes for a space: there is no other space
    /// that a moment could have before the hours of its zone.
    public mutating func moment(_ name: String) -> Timestamp? {
        value(name, FieldForm.moment) { text in
            Timestamp(rfc3339: text.replacing(/\ (?=\d\d:\d\d$)/, with: "+"))
        }
    }

    /// Notes that a parameter is missing, unless it is malformed. Answers nil, to be returned.
    public mutating func require<T>(_ name: String) -> T? {
        if !errors.contains(where: { $0.pointer == Self.pointer(name) }) { note(name, "is required") }
        return nil
    }

    /// Notes that a parameter, although well-formed, is refused. Answers nil, to be returned.
    @discardableResult
    public mutating func refuse<T>(_ name: String, _ detail: String) -> T? {
        note(name, detail)
        return nil
    }

    private mutating func take(_ name: String) -> String? {
        guard let index = parameters.firstIndex(where: { $0.name == name }) else { return nil }
        return parameters.remove(at: index).value
    }

    private static func pointer(_ name: String) -> String { "/query/" + JSONPointer.escape(name) }

    private mutating func note(_ name: String, _ detail: String) {
        errors.append(FieldError(pointer: Self.pointer(name), detail: detail))
    }

    /// Percent-decoding of a form: plus is a space. Nil for what is not two digits behind a percent sign, or no UTF-8.
    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(JSONString.hexadecimalDigit),
                    let low = rest.next().flatMap(JSONString.hexadecimalDigit)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
