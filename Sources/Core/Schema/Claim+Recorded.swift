import Commerce
import EventSourcing
import Wire

/// A name that is claimed, with the kind of its claim.
public protocol ClaimedName: AggregateID {
    static var claimKind: AggregateKind { get }
    /// Stands before the name where a log is printed for people.
    static var claimLabel: String { get }
    /// Begins the names of its events in a printed log.
    static var claimName: String { get }
    /// Whether storage forgets a name that is free.
    static var isForgottenWhenFree: Bool { get }
}

extension EmailAddress: ClaimedName {
    public static var claimKind: AggregateKind { AggregateKind(rawValue: 6) }
    public static var claimLabel: String { "email" }
    public static var claimName: String { "EmailAddress" }
    /// Of an account that has been erased no address is left.
    public static var isForgottenWhenFree: Bool { true }
}

extension CatalogueSKU: ClaimedName {
    public static var claimKind: AggregateKind { AggregateKind(rawValue: 7) }
    public static var claimLabel: String { "name" }
    public static var claimName: String { "SKU" }
    public static var isForgottenWhenFree: Bool { false }
}

extension Claim: Recorded where Name: ClaimedName {
    public static var kind: AggregateKind { Name.claimKind }

    public static var isForgettable: Bool { Name.isForgottenWhenFree }
    public var forgetAfter: Timestamp? { Name.isForgottenWhenFree && holder == nil ? .zero : nil }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        switch event {
        case .claimed(let holder):
            bytes.append(contentsOf: [1, 1])
            holder.encode(into: &bytes)
        case .released(let holder):
            bytes.append(contentsOf: [2, 1])
            holder.encode(into: &bytes)
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        var fields = FieldReader(bytes)
        switch (try fields.byte(), try fields.byte()) {
        case (1, 1): return .claimed(try holder(bytes.dropFirst(2)))
        case (2, 1): return .released(try holder(bytes.dropFirst(2)))
        default: throw fields.malformed("no such event of a claim, or no such schema of it")
        }
    }

    /// Schema 1 is the holder's canonical bytes, or nothing behind the schema number when the name is free.
    public func encodeState(into bytes: inout [UInt8]) {
        bytes.append(1)
        holder?.encode(into: &bytes)
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: Name) throws(MalformedBytes) -> Claim {
        guard bytes.first == 1 else { throw MalformedBytes("no such schema of a claim's state", at: 0) }
        var claim = Claim(id: id)
        claim.holder = bytes.count == 1 ? nil : try holder(bytes.dropFirst())
        return claim
    }

    private static func holder(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Holder {
        guard let holder = Holder(encoded: bytes) else { throw MalformedBytes("not the holder of a claim", at: 2) }
        return holder
    }
}
