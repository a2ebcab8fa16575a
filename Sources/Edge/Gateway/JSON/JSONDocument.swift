/// What a JSON text may be at most; a text beyond any of these is refused while it is read.
public struct JSONLimits: Sendable {
    /// Arrays and objects inside each other. Our deepest request is 4 deep; more is an attack on the stack.
    public var depthMax = 32
    /// Members of one object. One bit of a word remembers each that was asked for.
    public var membersMax = 64
    /// Bytes of one number. An Int64 needs 20; the rest is room for decimals that are kept as text.
    public var numberLengthMax = 64

    public init() {}
}

/// A JSON text (RFC 8259), checked as a whole and indexed in place.
///
/// The text is kept as it came; `nodes` holds one entry per value, in the order of the text, so a document of any
/// shape costs two arrays. Strings and numbers are converted when they are asked for.
///
/// Stricter than most: valid UTF-8 only, no byte order mark, nothing after the value, no key twice in one object.
public struct JSONDocument: Sendable {
    public let bytes: [UInt8]
    let nodes: [JSONNode]

    /// - Throws: ``JSONError`` with the offset of the first byte that is wrong.
    public init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, limits: limits)
        try parser.parseDocument()
        self.bytes = bytes
        nodes = parser.nodes
    }

    /// The value that is the whole text.
    public var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// One value of a document, by its place in the text.
struct JSONNode: Sendable {
    enum Kind: UInt8, Sendable { case null, `false`, `true`, number, string, array, object }

    var kind: Kind
    /// A string with backslashes in it has to be unescaped before it is used.
    var isEscaped = false
    /// The text: a string without its quotes, a number, or nothing for the others.
    var start: UInt32 = 0
    var end: UInt32 = 0
    /// Elements of an array, members of an object. A member is two nodes: its key, then its value.
    var count: UInt32 = 0
    /// The index behind this value and everything inside it.
    var next: UInt32 = 0

    var text: Range<Int> { Int(start)..<Int(end) }
}

/// Why a text is not JSON that we take.
public struct JSONError: Error, Equatable {
    public enum Reason: String, Sendable {
        case endOfText = "The text ends too early."
        case unexpectedByte = "A value, a comma or a bracket was expected."
        case trailingText = "There is text after the value."
        case invalidNumber = "A number is malformed."
        case numberTooLong = "A number has too many digits."
        case invalidEscape = "A string holds an invalid escape."
        case controlCharacter = "A string holds a control character that is not escaped."
        case invalidUTF8 = "The text is not valid UTF-8."
        case duplicateKey = "An object names the same member twice."
        case tooManyMembers = "An object has too many members."
        case tooDeep = "Values are nested too deeply."
        case tooLong = "The text is too long."
    }

    public let reason: Reason
    /// Bytes before the one that is wrong.
    public let offset: Int
}

/// A value inside a document.
public struct JSONValue: Sendable {
    public let document: JSONDocument
    let index: Int

    var node: JSONNode { document.nodes[index] }

    public var isNull: Bool { node.kind == .null }

    public var boolean: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    public var string: String? { node.kind == .string ? document.string(node) : nil }

    /// The number's exact value; nil for other kinds, for fractions and outside of Int64. `1.0` and `1e2` are integers.
    public var integer: Int64? { node.kind == .number ? JSONNumber.integer(document.bytes[node.text]) : nil }

    /// The number as it was written.
    public var numberText: String? {
        node.kind == .number ? String(decoding: document.bytes[node.text], as: UTF8.self) : nil
    }

    public var elements: [JSONValue]? {
        guard node.kind == .array else { return nil }
        var child = index + 1
        return (0..<Int(node.count)).map { _ in
            defer { child = Int(document.nodes[child].next) }
            return JSONValue(document: document, index: child)
        }
    }

    /// The members in the order of the text.
    public var members: [(name: String, value: JSONValue)]? {
        guard node.kind == .object else { return nil }
        var child = index + 1
        return (0..<Int(node.count)).map { _ in
            defer { child = Int(document.nodes[child + 1].next) }
            return (document.string(document.nodes[child]), JSONValue(document: document, index: child + 1))
        }
    }
}

extension JSONDocument {
    func string(_ node: JSONNode) -> String {
        if node.isEscaped { return String(decoding: JSONString.unescape(bytes[node.text]), as: UTF8.self) }
        return bytes.withUnsafeBufferPointer { String(decoding: $0[node.text], as: UTF8.self) }
    }
}
