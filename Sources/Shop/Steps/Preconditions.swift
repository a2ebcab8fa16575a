import Commerce
import EventSourcing
import Schema
import Wire

/// The conditions that a request makes (RFC 9110, section 13). What it asks for happens only when they hold.
///
/// `If-Unmodified-Since` and `If-Modified-Since` are not among them: nothing here has a modification date.
public struct Preconditions: Sendable, Hashable {
    /// What is there when the conditions are compared.
    public enum Current: Sendable {
        case nothing
        /// Something that no tag names.
        case untagged
        case tagged(EntityTag)
        /// Something whose tags begin with its revision; the rest changes by itself, as with a price in a cart.
        case revision(String)
    }

    public var ifMatch: String?
    public var ifNoneMatch: String?

    public init(ifMatch: String? = nil, ifNoneMatch: String? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    public var isEmpty: Bool { ifMatch == nil && ifNoneMatch == nil }

    /// Compares the conditions with what is there, in the step that changes it.
    public func compare(_ current: @autoclosure () -> Current) throws(ConditionFailure) {
        guard !isEmpty else { return }
        let current = current()
        if let ifMatch, !current.isNamed(by: ifMatch, isWeak: false) {
            throw ConditionFailure(condition: .ifMatch, current: current.tag)
        }
        if let ifNoneMatch, current.isNamed(by: ifNoneMatch, isWeak: true) {
            throw ConditionFailure(condition: .ifNoneMatch, current: current.tag)
        }
    }
}

/// A condition that does not hold.
public struct ConditionFailure: Error, Hashable, Sendable {
    public enum Condition: UInt8, Sendable { case ifMatch = 1, ifNoneMatch = 2 }
    public let condition: Condition
    /// What is there now, where it has a tag.
    public let current: EntityTag?

    public init(condition: Condition, current: EntityTag?) {
        self.condition = condition
        self.current = current
    }
}

extension Preconditions.Current {
    /// - Parameter isWeak: whether a weak tag names it as well (section 8.8.3.2).
    public func isNamed(by condition: String, isWeak: Bool) -> Bool {
        if condition.allSatisfy({ $0 == "*" || $0 == " " || $0 == "\t" }), condition.contains("*") {
            if case .nothing = self { return false }
            return true
        }
        switch self {
        case .nothing, .untagged: return false
        case .tagged(let tag): return tag.isNamed(by: condition, isWeak: isWeak)
        case .revision(let revision): return EntityTag.isRevision(revision, namedBy: condition, isWeak: isWeak)
        }
    }

    fileprivate var tag: EntityTag? { if case .tagged(let tag) = self { tag } else { nil } }
}

// MARK: - Bytes

extension RecordWriter {
    package mutating func write(_ conditions: Preconditions) {
        writeOptional(conditions.ifMatch)
        writeOptional(conditions.ifNoneMatch)
    }

    package mutating func write(_ failure: ConditionFailure) {
        append(failure.condition.rawValue)
        writeOptional(failure.current?.text)
    }
}

extension FieldReader {
    package mutating func preconditions() throws(MalformedBytes) -> Preconditions {
        Preconditions(
            ifMatch: try optionalString(bytesMax: Preconditions.bytesMax),
            ifNoneMatch: try optionalString(bytesMax: Preconditions.bytesMax))
    }

    package mutating func conditionFailure() throws(MalformedBytes) -> ConditionFailure {
        guard let condition = ConditionFailure.Condition(rawValue: try byte()) else {
            throw malformed("no such condition")
        }
        let tag = try optionalString(bytesMax: EntityTag.bytesMax)
        return ConditionFailure(condition: condition, current: tag.map { EntityTag(text: $0) })
    }
}

extension Preconditions {
    /// The gateway takes no field as long as this.
    fileprivate static let bytesMax = 64 << 10
}

extension EntityTag {
    /// A revision, a version, and a digest of 16 digits, with room to spare.
    fileprivate static let bytesMax = 256
}
