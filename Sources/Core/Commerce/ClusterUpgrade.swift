import EventSourcing

/// How far the cluster has been upgraded: the version up to which events may be written. There is one, on shard 0.
///
/// It is raised once every member runs a program that reads what may then be written, and it never falls: what has been
/// written stays in the logs.
public struct ClusterUpgrade: Aggregate, Equatable {
    public let id: ClusterUpgradeID
    public package(set) var version = ClusterVersion.first

    public init(id: ClusterUpgradeID) { self.id = id }

    public enum Command: Sendable {
        /// Without effect where the cluster is there already.
        case raise(to: ClusterVersion)
    }

    public enum Event: Sendable, Equatable {
        case raised(to: ClusterVersion)
    }

    public func decide(_ command: Command, at now: Timestamp) throws(Never) -> [Event] {
        switch command {
        case .raise(let target): target > version ? [.raised(to: target)] : []
        }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .raised(let version): self.version = version
        }
    }
}

/// The id of the one upgrade of a cluster.
public struct ClusterUpgradeID: AggregateID {
    private static let byte: UInt8 = 0

    public init() {}

    public var slot: Slot { .catalogue }

    public func encode(into bytes: inout [UInt8]) { bytes.append(Self.byte) }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard bytes.elementsEqual([Self.byte]) else { return nil }
    }

    public var description: String { "of the cluster" }
}
