import Commerce
import EventSourcing
import Wire

extension ClusterUpgrade: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 13) }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .raised(let version):
                writer.writeHeader(1, schema: 1)
                writer.write(version.rawValue)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "an upgrade", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1): return .raised(to: ClusterVersion(rawValue: try fields.uint16()))
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            writer.write(version.rawValue)
        }
    }

    public static func decodeState(
        _ bytes: ArraySlice<UInt8>, id: ClusterUpgradeID
    ) throws(MalformedBytes) -> ClusterUpgrade {
        try FieldReader.state(of: "an upgrade", bytes, into: ClusterUpgrade(id: id)) {
            upgrade, fields throws(MalformedBytes) in
            upgrade.version = ClusterVersion(rawValue: try fields.uint16())
        }
    }
}
