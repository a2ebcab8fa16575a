import Commerce
import EventSourcing
import Wire

extension LogIns: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 11) }

    public static func versionNeeded(for event: Event, of id: ID) -> ClusterVersion {
        if case .erased = event { .second } else { .first }
    }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .failed(let origin, let now):
                writer.writeHeader(1, schema: 1)
                writer.write(now)
                writer.write(origin)
            case .succeeded(let origin, let now):
                writer.writeHeader(2, schema: 1)
                writer.write(now)
                writer.write(origin)
            case .cleared(let now):
                writer.writeHeader(3, schema: 1)
                writer.write(now)
            case .erased(let now):
                writer.writeHeader(4, schema: 1)
                writer.write(now)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "log-ins", bytes) { number, schema, fields throws(MalformedBytes) in
            let now = try fields.timestamp()
            switch (number, schema) {
            case (1, 1): return .failed(try fields.logInOrigin(), at: now)
            case (2, 1): return .succeeded(try fields.logInOrigin(), at: now)
            case (3, 1): return .cleared(at: now)
            case (4, 1): return .erased(at: now)
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            writer.writeVarint(failures)
            writer.writeArray(origins) { writer, known in
                writer.write(known.origin)
                writer.writeVarint(known.failures)
            }
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: CustomerID) throws(MalformedBytes) -> LogIns {
        try FieldReader.state(of: "log-ins", bytes, into: LogIns(id: id)) { logIns, fields throws(MalformedBytes) in
            logIns.failures = try fields.varint()
            logIns.origins = try fields.array(bytesMin: 2 * Digest256.byteCount + 1) { f throws(MalformedBytes) in
                Known(origin: try f.logInOrigin(), failures: try f.varint())
            }
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ origin: LogInOrigin) {
        write(origin.address)
        write(origin.device)
    }
}

extension FieldReader {
    fileprivate mutating func logInOrigin() throws(MalformedBytes) -> LogInOrigin {
        LogInOrigin(address: try digest(), device: try digest())
    }
}
