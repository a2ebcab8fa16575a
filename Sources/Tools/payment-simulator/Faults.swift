/// What can be made to go wrong, by the name it has in `PUT /faults`.
///
/// Those *before* strike any call of the API; those *after* strike a call that changes the ledger, once it has.
enum Fault: String, CaseIterable, Sendable {
    /// A new charge is declined.
    case decline
    /// 500, and nothing was done.
    case errorBefore = "error_500"
    /// No answer within any sensible time, and nothing was done.
    case hangBefore = "hang_before"
    /// The connection closes without an answer, and nothing was done.
    case closeBefore = "close_before"
    /// 500, though it was done.
    case errorAfter = "error_after_charge"
    /// No answer within any sensible time, though it was done.
    case hangAfter = "hang"
    /// The connection closes without an answer, though it was done.
    case closeAfter = "close_after_charge"
}

/// When a fault strikes.
enum Trigger: Sendable, Equatable {
    /// Each time with this probability, 0 to 1.
    case probability(Double)
    /// The next so many times, then no more.
    case next(Int)
}

/// The fault switches, as they stand.
struct Faults: Sendable, Equatable {
    /// A test that wants more wants another tool.
    static let nextMax = 1_000_000
    /// Ten minutes outlast every limit of a caller.
    static let millisecondsMax = 600_000

    var triggers: [Fault: Trigger] = [:]
    /// How long each call of the API is held before anything else.
    var delayMilliseconds = 0
    /// How long the listening socket stays closed, from the moment this is set. It opens again by itself.
    var refuseConnectionsMilliseconds = 0

    /// Whether `fault` strikes now. Counts down `next`.
    mutating func strikes(_ fault: Fault, using generator: inout some RandomNumberGenerator) -> Bool {
        switch triggers[fault] {
        case nil: return false
        case .probability(let probability): return Double.random(in: 0..<1, using: &generator) < probability
        case .next(let count):
            triggers[fault] = count > 1 ? .next(count - 1) : nil
            return true
        }
    }
}

// MARK: - JSON

private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

extension Faults: Codable {
    private static let delayName = Name("delay_ms")
    private static let refuseName = Name("refuse_connections_ms")
    /// Short for `"error_500": {"next": N}`.
    private static let failNextName = Name("fail_next")

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for name in container.allKeys {
            func bounded(by limit: Int) throws -> Int {
                let value = try container.decode(Int.self, forKey: name)
                guard (0...limit).contains(value) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: name, in: container, debugDescription: "must be 0 to \(limit)")
                }
                return value
            }
            switch name.stringValue {
            case Self.delayName.stringValue: delayMilliseconds = try bounded(by: Self.millisecondsMax)
            case Self.refuseName.stringValue: refuseConnectionsMilliseconds = try bounded(by: Self.millisecondsMax)
            case Self.failNextName.stringValue:
                let count = try bounded(by: Self.nextMax)
                if count > 0 { triggers[.errorBefore] = .next(count) }
            default:
                guard let fault = Fault(rawValue: name.stringValue) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: name, in: container, debugDescription: "no such fault")
                }
                triggers[fault] = try container.decode(Trigger.self, forKey: name)
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for fault in Fault.allCases {
            try container.encodeIfPresent(triggers[fault], forKey: Name(fault.rawValue))
        }
        try container.encode(delayMilliseconds, forKey: Self.delayName)
        try container.encode(refuseConnectionsMilliseconds, forKey: Self.refuseName)
    }
}

/// `true`, a probability, or `{"next": N}`.
extension Trigger: Codable {
    private static let nextName = Name("next")

    init(from decoder: any Decoder) throws {
        if let value = try? decoder.singleValueContainer() {
            if let always = try? value.decode(Bool.self) {
                self = .probability(always ? 1 : 0)
                return
            }
            if let probability = try? value.decode(Double.self) {
                guard (0...1).contains(probability) else {
                    throw DecodingError.dataCorruptedError(in: value, debugDescription: "a probability is 0 to 1")
                }
                self = .probability(probability)
                return
            }
        }
        let container = try decoder.container(keyedBy: Name.self)
        if let other = container.allKeys.first(where: { $0.stringValue != Self.nextName.stringValue }) {
            throw DecodingError.dataCorruptedError(forKey: other, in: container, debugDescription: "no such member")
        }
        let count = try container.decode(Int.self, forKey: Self.nextName)
        guard (0...Faults.nextMax).contains(count) else {
            throw DecodingError.dataCorruptedError(
                forKey: Self.nextName, in: container, debugDescription: "must be 0 to \(Faults.nextMax)")
        }
        self = count > 0 ? .next(count) : .probability(0)
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .probability(let probability):
            var container = encoder.singleValueContainer()
            try container.encode(probability)
        case .next(let count):
            var container = encoder.container(keyedBy: Name.self)
            try container.encode(count, forKey: Self.nextName)
        }
    }
}
