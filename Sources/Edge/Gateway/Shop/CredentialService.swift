import Accounts
import ServiceLifecycle

/// Follows the logs for tokens until the node shuts down.
public struct CredentialService: Service {
    let follower: CredentialFollower

    public init(_ follower: CredentialFollower) { self.follower = follower }

    public func run() async throws {
        try await cancelWhenGracefulShutdown { [follower] in try await follower.follow() }
    }
}
