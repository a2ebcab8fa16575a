import EventSourcing
import Synchronization

/// What the shards of a node may write: the version of the cluster, as far as the node knows it.
///
/// A node that hears late that the cluster has been upgraded refuses for longer what came with the upgrade, and writes
/// nothing that a member cannot read.
public final class VersionGate: Sendable {
    private let raw: Atomic<UInt16>
    private let newest: ClusterVersion

    /// - Parameter newest: of which this program writes anything.
    public init(_ version: ClusterVersion, newest: ClusterVersion) {
        raw = Atomic(version.rawValue)
        self.newest = newest
    }

    /// A gate that stands open.
    public convenience init() { self.init(.first, newest: .first) }

    public var version: ClusterVersion { ClusterVersion(rawValue: raw.load(ordering: .acquiring)) }

    /// The cluster is at `version`, or further.
    public func raise(to version: ClusterVersion) { raw.max(version.rawValue, ordering: .acquiringAndReleasing) }

    /// Whether there is anything that has to wait.
    var isClosed: Bool { version < newest && !Mistake.versionNotAwaited.isMade }

    func admits(_ needed: ClusterVersion) -> Bool { needed <= version }
}
