import Commerce
import EventSourcing
import Wire

extension VerificationKey: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 12) }

    public static var isForgettable: Bool { true }
    public var forgetAfter: Timestamp? { endsAt }

    /// Among all keys: there are as many as nodes, and a few that were replaced.
    public var listing: Listing? {
        guard publication != nil else { return nil }
        var key: [UInt8] = []
        id.encode(into: &key)
        return Listing(group: Self.listingGroup, key: key)
    }

    /// The list of all keys.
    public static let listingGroup = [UInt8]("keys".utf8)

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .published(let publication, let endsAt, let now):
                writer.writeHeader(1, schema: 1)
                writer.write(now)
                writer.write(publication)
                writer.writeOptional(endsAt)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "a verification key", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1):
                let now = try fields.timestamp()
                return .published(try fields.publication(), endsAt: try fields.optionalTimestamp(), at: now)
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            writer.writeOptional(publication) { $0.write($1) }
            writer.writeOptional(endsAt)
        }
    }

    public static func decodeState(
        _ bytes: ArraySlice<UInt8>, id: VerificationKeyID
    ) throws(MalformedBytes) -> VerificationKey {
        try FieldReader.state(of: "a verification key", bytes, into: VerificationKey(id: id)) {
            key, fields throws(MalformedBytes) in
            key.publication = try fields.optional { f throws(MalformedBytes) in try f.publication() }
            key.endsAt = try fields.optionalTimestamp()
        }
    }
}

extension RecordWriter {
    /// The node (varint), the number of the algorithm (1), the raw key.
    package mutating func write(_ publication: VerificationKey.Publication) {
        writeVarint(publication.node)
        append(publication.algorithm.rawValue)
        writeRaw(publication.publicKey)
    }
}

extension FieldReader {
    package mutating func publication() throws(MalformedBytes) -> VerificationKey.Publication {
        let node = try varint()
        guard let algorithm = VerificationKey.Algorithm(rawValue: try byte()) else {
            throw malformed("no such algorithm of a key")
        }
        let publicKey = try raw(algorithm.publicKeyLength)
        guard let publication = VerificationKey.Publication(by: node, algorithm, publicKey) else {
            throw malformed("not a public key of its algorithm")
        }
        return publication
    }
}
