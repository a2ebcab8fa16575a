import HTTPTypes
import Hummingbird

/// Answers requests: the ways to write one path become one way before a route is looked for.
///
/// Routes, idempotency keys, `Location` and whatever else looks at a path see the one way only.
public struct GatewayResponder: HTTPResponder {
    public typealias Context = GatewayContext

    let router: RouterResponder<GatewayContext>

    public func respond(to request: Request, context: GatewayContext) async throws -> Response {
        guard let target = request.head.path, let normalized = RequestTarget.normalized(target) else {
            return try await router.respond(to: request, context: context)
        }
        var head = request.head
        head.path = normalized
        return try await router.respond(to: Request(head: head, body: request.body), context: context)
    }
}

/// The path and query of a request, as it came.
enum RequestTarget {
    private static let slash = UInt8(ascii: "/")
    private static let percent = UInt8(ascii: "%")

    /// Whether it is `absolute-path [ "?" query ]` (RFC 9110, section 4.1), or the asterisk of `OPTIONS`.
    static func isValid(_ target: String, of method: HTTPRequest.Method) -> Bool {
        if method == .options, target == "*" { return true }
        return target.utf8.first == slash && target.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// The target with its path in normal form: percent-encoded characters that need no encoding are decoded, the
    /// digits of the others are upper case (RFC 3986, section 6.2.2), and slashes that are doubled or trail are gone,
    /// which name the same resource here. The query is left as it is.
    ///
    /// - Returns: nil when the path is in normal form already.
    static func normalized(_ target: String) -> String? {
        let bytes = target.utf8
        let path = bytes.prefix { $0 != UInt8(ascii: "?") }
        guard !isNormal(path) else { return nil }
        var normal: [UInt8] = []
        normal.reserveCapacity(bytes.count)
        var rest = path
        while let byte = rest.popFirst() {
            if byte == slash, normal.last == slash { continue }
            guard byte == percent, let decoded = octet(rest) else {
                normal.append(byte)
                continue
            }
            if isUnreserved(decoded) {
                normal.append(decoded)
            } else {
                let digits = Hexadecimal.upperDigits
                normal += [percent, digits[Int(decoded >> 4)], digits[Int(decoded & 15)]]
            }
            rest = rest.dropFirst(2)
        }
        if normal.count > 1, normal.last == slash { normal.removeLast() }
        normal += bytes[path.endIndex...]
        return String(decoding: normal, as: UTF8.self)
    }

    /// Whether there is nothing to do, which nearly always holds.
    private static func isNormal(_ path: Substring.UTF8View) -> Bool {
        var before: UInt8 = 0
        for byte in path {
            if byte == percent || byte == slash && before == slash { return false }
            before = byte
        }
        return before != slash || path.count <= 1
    }

    /// The octet that two hexadecimal digits at the beginning of `text` stand for.
    private static func octet(_ text: Substring.UTF8View) -> UInt8? {
        guard let high = text.first.flatMap(Hexadecimal.value),
            let low = text.dropFirst().first.flatMap(Hexadecimal.value)
        else { return nil }
        return high << 4 | low
    }

    /// RFC 3986, section 2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
