import Accounts
import ServiceLifecycle

/// Keeps what a node knows of tokens up to the logs until the node shuts down.
public struct CredentialService: Service {
    let follower: CredentialFollower
    let freshness: CredentialFreshness?

    public init(_ identity: Identity) {
        follower = identity.credentials
        freshness = identity.freshness
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown { [follower, freshness] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for shard in follower.shards.shards { try await shard.arrive() }
                    try await follower.follow()
                }
                group.addTask { await freshness?.watch() }
                try await group.waitForAll()
            }
        }
    }
}
