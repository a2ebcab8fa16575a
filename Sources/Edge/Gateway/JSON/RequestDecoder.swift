extension JSONDocument {
    /// Builds a value out of the object that the text is.
    ///
    /// - Throws: ``FieldErrors`` with everything that was noted, when anything was.
    public func decode<T>(_ body: (inout ObjectReader) -> T?) throws(FieldErrors) -> T {
        let state = DecodingState(document: self)
        let value = state.object(0, nil, body)
        guard let value, state.errors.isEmpty else {
            throw FieldErrors(state.errors.isEmpty ? [FieldError(pointer: "", detail: "is refused")] : state.errors)
        }
        return value
    }
}

/// Everything that is wrong with a request's fields, in the order of its members.
public struct FieldErrors: Error, Equatable, Sendable {
    /// More would help no client and would let a request of a megabyte ask for an answer of many.
    public static let countMax = 50

    public let errors: [FieldError]

    public init(_ errors: [FieldError]) { self.errors = errors }
}

/// What one decoding has in hand: the document, the path to where it is, and the errors so far.
final class DecodingState {
    enum Step {
        case member(StaticString)
        case element(Int)
        case name(String)
    }

    let document: JSONDocument
    /// The document's arrays once more, held here: one step less to each of them.
    let bytes: [UInt8]
    let nodes: [JSONNode]
    private(set) var errors: [FieldError] = []
    private var path: [Step] = []

    init(document: JSONDocument) {
        self.document = document
        bytes = document.bytes
        nodes = document.nodes
    }

    /// Notes an error at the member or element `step` of where we are; of the whole text for nil.
    func note(_ step: Step?, _ detail: String) {
        guard errors.count < FieldErrors.countMax else { return }
        var pointer = ""
        for step in path + (step.map { [$0] } ?? []) {
            switch step {
            case .member(let name): pointer += "/\(name)"
            case .element(let position): pointer += "/\(position)"
            case .name(let name): pointer += "/" + JSONPointer.escape(name)
            }
        }
        errors.append(FieldError(pointer: pointer, detail: detail))
    }

    func isNamed(_ key: Int, _ name: StaticString) -> Bool {
        let node = nodes[key]
        let length = name.utf8CodeUnitCount
        if node.isEscaped {
            let name = UnsafeBufferPointer(start: name.utf8Start, count: length)
            return bytes.withUnsafeBufferPointer {
                UnescapedBytes($0, node.text) == UnescapedBytes(name, 0..<length)
            }
        }
        guard node.end - node.start == length else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            let start = Int(node.start)
            for offset in 0..<length where bytes[start + offset] != name.utf8Start[offset] { return false }
            return true
        }
    }
}

// MARK: - Values

extension DecodingState {
    func string(_ index: Int, _ name: StaticString, length: ClosedRange<Int>) -> String? {
        string(index, .member(name), length: length)
    }

    private func string(_ index: Int, _ step: Step, length: ClosedRange<Int>) -> String? {
        let node = nodes[index]
        guard node.kind == .string else { return refuse(step, "must be a string") }
        // Scalars are at most the bytes and at least a quarter of them; most strings are decided by that.
        let text = document.string(node)
        let bytes = text.utf8.count
        let isDecided = length.contains(bytes) && length.lowerBound <= (bytes + 3) / 4
        guard isDecided || length.contains(text.unicodeScalars.count) else {
            return refuse(step, "must have \(length.lowerBound) to \(length.upperBound) characters")
        }
        guard length.lowerBound == 0 || !text.isBlank else { return refuse(step, "must not be blank") }
        return text
    }

    func integer(_ index: Int, _ name: StaticString, in range: ClosedRange<Int64>) -> Int64? {
        let node = nodes[index]
        guard node.kind == .number else { return refuse(.member(name), "must be an integer") }
        guard let value = JSONNumber.integer(bytes[node.text]), range.contains(value) else {
            return refuse(.member(name), "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func boolean(_ index: Int, _ name: StaticString) -> Bool? {
        JSONValue(document: document, index: index).boolean ?? refuse(.member(name), "must be true or false")
    }

    func parsed<T>(_ text: String, _ name: StaticString, _ detail: String, _ parse: (String) -> T?) -> T? {
        parse(text) ?? refuse(.member(name), detail)
    }

    func choice<T: RawRepresentable & CaseIterable>(_ text: String, _ name: StaticString) -> T?
    where T.RawValue == String {
        T(rawValue: text)
            ?? refuse(.member(name), FieldForm.one(of: T.allCases.map(\.rawValue)))
    }

    private func refuse<T>(_ step: Step, _ detail: String) -> T? {
        note(step, detail)
        return nil
    }
}

// MARK: - Containers

extension DecodingState {
    func object<T>(_ index: Int, _ step: Step?, _ body: (inout ObjectReader) -> T?) -> T? {
        guard nodes[index].kind == .object else {
            note(step, "must be an object")
            return nil
        }
        if let step { path.append(step) }
        defer { if step != nil { path.removeLast() } }
        var reader = ObjectReader(state: self, index: index)
        let value = body(&reader)
        reader.finish()
        return value
    }

    func array<T>(
        _ index: Int, _ name: StaticString, count: ClosedRange<Int>, _ element: (DecodingState, Int, Int) -> T?
    ) -> [T]? {
        let node = nodes[index]
        guard node.kind == .array else { return refuse(.member(name), "must be an array") }
        guard count.contains(Int(node.count)) else {
            return refuse(.member(name), "must have \(count.lowerBound) to \(count.upperBound) elements")
        }
        path.append(.member(name))
        defer { path.removeLast() }
        var elements: [T] = []
        elements.reserveCapacity(Int(node.count))
        var child = index + 1
        for position in 0..<Int(node.count) {
            if let value = element(self, child, position) { elements.append(value) }
            child = Int(nodes[child].next)
        }
        return elements.count == Int(node.count) ? elements : nil
    }

    func strings(
        _ index: Int, _ name: StaticString, count: ClosedRange<Int>, length: ClosedRange<Int>
    ) -> [String]? {
        array(index, name, count: count) { state, node, position in
            state.string(node, .element(position), length: length)
        }
    }

    func stringMap(
        _ index: Int, _ name: StaticString, count: ClosedRange<Int>, keyLength: ClosedRange<Int>,
        valueLength: ClosedRange<Int>
    ) -> [(key: String, value: String)]? {
        guard let members = JSONValue(document: document, index: index).members else {
            return refuse(.member(name), "must be an object")
        }
        guard count.contains(members.count) else {
            return refuse(.member(name), "must have \(count.lowerBound) to \(count.upperBound) members")
        }
        path.append(.member(name))
        defer { path.removeLast() }
        let pairs = members.compactMap { member -> (key: String, value: String)? in
            guard keyLength.contains(member.name.unicodeScalars.count) else {
                return refuse(
                    .name(member.name),
                    "must have a name of \(keyLength.lowerBound) to \(keyLength.upperBound) characters")
            }
            guard member.name == member.name.trimmed else {
                return refuse(.name(member.name), "must have a name without white space before and behind it")
            }
            let value = string(member.value.index, .name(member.name), length: valueLength)
            return value.map { (member.name, $0) }
        }
        return pairs.count == members.count ? pairs : nil
    }
}

/// RFC 6901.
enum JSONPointer {
    static func escape(_ name: String) -> String {
        String(
            decoding: name.utf8.flatMap { byte -> [UInt8] in
                switch byte {
                case UInt8(ascii: "~"): [UInt8]("~0".utf8)
                case UInt8(ascii: "/"): [UInt8]("~1".utf8)
                default: [byte]
                }
            }, as: UTF8.self)
    }
}
