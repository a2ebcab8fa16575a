import EventSourcing

/// A value that travels between nodes: a step or procedure, its answer, its refusal.
public protocol WireCodable: Sendable {
    /// Appends the byte form.
    func encode(into bytes: inout [UInt8])

    /// Reads what `encode(into:)` wrote.
    ///
    /// - Parameter bytes: exactly one value. Every length is checked before anything is allocated, and nothing may
    ///   follow the last field.
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes)
}

/// The refusal of a step that is never refused.
extension Never: WireCodable {
    public func encode(into bytes: inout [UInt8]) { switch self {} }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        throw MalformedBytes("a refusal of a step that is never refused", at: 0)
    }
}

/// The answer of a step that has nothing to tell but that it is done. It has no bytes.
public struct Done: WireCodable, Equatable {
    public init() {}
    public func encode(into bytes: inout [UInt8]) {}

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard bytes.isEmpty else { throw MalformedBytes("bytes follow the last field", at: 0) }
    }
}
