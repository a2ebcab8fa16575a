import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Lets everything be written that every program up to `version` reads. Never refused.
///
/// Only who knows that each member reads it may ask: see `ClusterVersionDuty`.
public struct RaiseClusterVersion: ShardStep {
    public let version: ClusterVersion

    public init(to version: ClusterVersion) { self.version = version }

    public static var number: StepNumber { StepNumber(rawValue: 37) }
    public var slot: Slot { ClusterUpgradeID().slot }

    public func run(in batch: Batch) throws(Never) -> Done {
        try batch.decide(ClusterUpgrade.self, ClusterUpgradeID(), .raise(to: version))
        return Done()
    }
}

// MARK: - Bytes

extension RaiseClusterVersion {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { $0.write(version.rawValue) }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            RaiseClusterVersion(to: ClusterVersion(rawValue: try fields.uint16()))
        }
    }
}
