import Commerce

/// Reads the members of one JSON object and notes what is wrong with each, instead of stopping at the first.
///
/// Every getter answers nil when it has noted an error, so that a value is built only when all parts are there:
///
///     let request = try document.decode { (body: inout ObjectReader) -> OrderRequest? in
///         let items = body.objects("items", count: 1...200) { (item: inout ObjectReader) -> Line? in
///             let sku = item.string("sku", length: 1...64)
///             let quantity = item.integer("quantity", in: 1...1_000_000)
///             guard let sku, let quantity else { return nil }
///             return Line(sku: sku, quantity: quantity)
///         }
///         let expected = body.optionalInteger("expected_total", in: 0...Money.amountMax)
///         guard let items else { return nil }
///         return OrderRequest(items: items, expectedTotal: expected)
///     }
///
/// The optional getters also answer nil for a member that is missing or null. Members that no reader asked for are
/// errors: a misspelt field must not be ignored.
public struct ObjectReader {
    private let state: DecodingState
    private let index: Int
    private let count: Int
    /// One bit per member that was asked for.
    private var seen: UInt64 = 0
    /// The member after the last one found: members mostly come in the order in which they are asked for.
    private var expected = 0
    private var expectedNode: Int

    init(state: DecodingState, index: Int) {
        self.state = state
        self.index = index
        count = Int(state.nodes[index].count)
        expectedNode = index + 1
    }

    // MARK: Required members

    /// - Parameter length: in Unicode scalars, as JSON Schema counts. What has to have one at least may not be blank.
    public mutating func string(_ name: StaticString, length: ClosedRange<Int> = 0...1_024) -> String? {
        guard let node = required(name) else { return nil }
        return state.string(node, name, length: length)
    }

    /// A name that people give something: white space before and behind it is no part of it.
    public mutating func name(_ name: StaticString, length: ClosedRange<Int>) -> String? {
        string(name, length: length)?.trimmed
    }

    public mutating func integer(_ name: StaticString, in range: ClosedRange<Int64> = .min ... .max) -> Int64? {
        guard let node = required(name) else { return nil }
        return state.integer(node, name, in: range)
    }

    public mutating func boolean(_ name: StaticString) -> Bool? {
        guard let node = required(name) else { return nil }
        return state.boolean(node, name)
    }

    /// A string that `parse` turns into a value; `detail` is what is said when it cannot.
    public mutating func value<T>(
        _ name: StaticString, length: ClosedRange<Int> = 0...1_024, _ detail: String, _ parse: (String) -> T?
    ) -> T? {
        guard let text = string(name, length: length) else { return nil }
        return state.parsed(text, name, detail, parse)
    }

    /// A string out of a closed set.
    public mutating func choice<T: RawRepresentable & CaseIterable>(_ name: StaticString, of: T.Type = T.self) -> T?
    where T.RawValue == String {
        guard let text = string(name) else { return nil }
        return state.choice(text, name)
    }

    public mutating func object<T>(_ name: StaticString, _ body: (inout ObjectReader) -> T?) -> T? {
        guard let node = required(name) else { return nil }
        return state.object(node, .member(name), body)
    }

    /// An array of objects. Nil when one of them is refused.
    public mutating func objects<T>(
        _ name: StaticString, count: ClosedRange<Int>, _ body: (inout ObjectReader) -> T?
    ) -> [T]? {
        guard let node = required(name) else { return nil }
        return state.array(node, name, count: count) { state, node, position in
            state.object(node, .element(position), body)
        }
    }

    /// An array of strings. Nil when one of them is refused.
    public mutating func strings(_ name: StaticString, count: ClosedRange<Int>, length: ClosedRange<Int>) -> [String]? {
        guard let node = required(name) else { return nil }
        return state.strings(node, name, count: count, length: length)
    }

    // MARK: Optional members

    public mutating func optionalString(_ name: StaticString, length: ClosedRange<Int> = 0...1_024) -> String? {
        guard let node = optional(name) else { return nil }
        return state.string(node, name, length: length)
    }

    public mutating func optionalName(_ name: StaticString, length: ClosedRange<Int>) -> String? {
        optionalString(name, length: length)?.trimmed
    }

    public mutating func optionalInteger(
        _ name: StaticString, in range: ClosedRange<Int64> = .min ... .max
    ) -> Int64? {
        guard let node = optional(name) else { return nil }
        return state.integer(node, name, in: range)
    }

    public mutating func optionalBoolean(_ name: StaticString) -> Bool? {
        guard let node = optional(name) else { return nil }
        return state.boolean(node, name)
    }

    public mutating func optionalValue<T>(
        _ name: StaticString, length: ClosedRange<Int> = 0...1_024, _ detail: String, _ parse: (String) -> T?
    ) -> T? {
        guard let text = optionalString(name, length: length) else { return nil }
        return state.parsed(text, name, detail, parse)
    }

    public mutating func optionalChoice<T: RawRepresentable & CaseIterable>(
        _ name: StaticString, of: T.Type = T.self
    ) -> T? where T.RawValue == String {
        guard let text = optionalString(name) else { return nil }
        return state.choice(text, name)
    }

    public mutating func optionalObject<T>(_ name: StaticString, _ body: (inout ObjectReader) -> T?) -> T? {
        guard let node = optional(name) else { return nil }
        return state.object(node, .member(name), body)
    }

    public mutating func optionalObjects<T>(
        _ name: StaticString, count: ClosedRange<Int>, _ body: (inout ObjectReader) -> T?
    ) -> [T]? {
        guard let node = optional(name) else { return nil }
        return state.array(node, name, count: count) { state, node, position in
            state.object(node, .element(position), body)
        }
    }

    public mutating func optionalStrings(
        _ name: StaticString, count: ClosedRange<Int>, length: ClosedRange<Int>
    ) -> [String]? {
        guard let node = optional(name) else { return nil }
        return state.strings(node, name, count: count, length: length)
    }

    /// An object with names of the caller's choosing and strings as values, in the order of the text.
    public mutating func optionalStringMap(
        _ name: StaticString, count: ClosedRange<Int>, keyLength: ClosedRange<Int>, valueLength: ClosedRange<Int>
    ) -> [(key: String, value: String)]? {
        guard let node = optional(name) else { return nil }
        return state.stringMap(node, name, count: count, keyLength: keyLength, valueLength: valueLength)
    }

    // MARK: Errors of the caller's own

    /// Notes that a member, although well-formed, is refused. Answers nil, to be returned.
    @discardableResult
    public func refuse<T>(_ name: StaticString, _ detail: String) -> T? {
        state.note(.member(name), detail)
        return nil
    }

    /// Notes each of these members that is there: they are others' to send.
    ///
    /// - Parameter detail: such as "is for staff only".
    public mutating func refuse(_ names: [StaticString], _ detail: String) {
        for name in names where optional(name) != nil { state.note(.member(name), detail) }
    }

    // MARK: Lookup

    private mutating func required(_ name: StaticString) -> Int? {
        if let node = find(name) { return node }
        state.note(.member(name), "is missing")
        return nil
    }

    private mutating func optional(_ name: StaticString) -> Int? {
        guard let node = find(name), state.nodes[node].kind != .null else { return nil }
        return node
    }

    /// The node of the member's value.
    private mutating func find(_ name: StaticString) -> Int? {
        if expected < count, state.isNamed(expectedNode, name) { return take(expected, expectedNode) }
        var node = index + 1
        for member in 0..<count {
            if state.isNamed(node, name) { return take(member, node) }
            node = Int(state.nodes[node + 1].next)
        }
        return nil
    }

    private mutating func take(_ member: Int, _ key: Int) -> Int {
        seen |= 1 << UInt64(member)
        expected = member + 1
        expectedNode = Int(state.nodes[key + 1].next)
        return key + 1
    }

    /// Notes the members that no reader asked for.
    func finish() {
        guard seen.nonzeroBitCount < count else { return }
        var node = index + 1
        for member in 0..<count {
            if seen & 1 << UInt64(member) == 0 {
                state.note(.name(state.document.string(state.nodes[node])), "is not a known field")
            }
            node = Int(state.nodes[node + 1].next)
        }
    }
}
