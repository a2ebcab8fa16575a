/// What a node has done since it began. The difference between two of them is how busy the node is.
public struct NodeLoad: Sendable, Equatable {
    /// How long the node has run when it says so.
    public var uptimeMilliseconds: UInt64
    /// Requests answered; probes are not counted.
    public var requests: UInt64
    /// Decisions with a record of their own whose commitment was waited for, on the shards that the node leads.
    public var commits: UInt64
    /// How long they have waited together.
    public var commitMicroseconds: UInt64

    public init(uptimeMilliseconds: UInt64, requests: UInt64, commits: UInt64, commitMicroseconds: UInt64) {
        self.uptimeMilliseconds = uptimeMilliseconds
        self.requests = requests
        self.commits = commits
        self.commitMicroseconds = commitMicroseconds
    }
}

extension JSONWriter {
    mutating func value(_ load: NodeLoad) {
        object { json in
            json.field("uptime_ms", Int64(clamping: load.uptimeMilliseconds))
            json.field("requests", Int64(clamping: load.requests))
            json.field("commits", Int64(clamping: load.commits))
            json.field("commit_wait_us", Int64(clamping: load.commitMicroseconds))
        }
    }
}
