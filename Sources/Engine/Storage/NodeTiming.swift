import Consensus
import Foundation

/// How a node counts time, and the configuration of its replicas that follows from it.
struct NodeTiming: Sendable {
    let tick: DispatchTimeInterval
    let configuration: ReplicaConfiguration

    /// What no caller waits for is written so often. There is no other node to be asked whether an election could be
    /// won.
    static var alone: NodeTiming {
        var configuration = ReplicaConfiguration()
        configuration.preVotes = false
        return NodeTiming(tick: .milliseconds(100), configuration: configuration)
    }

    /// A leader that dies is noticed by its connections, at once; one that stands still, or that the network has cut
    /// off, by its silence: after half a second to a second. That is ten times what a busy processor keeps a thread
    /// waiting, and five heartbeats, so that load alone starts no election.
    static var member: NodeTiming {
        var configuration = ReplicaConfiguration()
        configuration.heartbeatTicks = 2
        configuration.electionTicks = 10
        return NodeTiming(tick: .milliseconds(50), configuration: configuration)
    }
}
