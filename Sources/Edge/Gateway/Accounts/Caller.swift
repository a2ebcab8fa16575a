import Commerce
import Crypto
import EventSourcing
import Hummingbird

/// The client that a credential came from: its network address, and what it calls itself.
struct Caller: Sendable {
    let address: ClientAddress
    let userAgent: String

    init(address: ClientAddress, userAgent: String) {
        self.address = address
        self.userAgent = userAgent
    }

    init(_ request: Request, _ context: GatewayContext) {
        self.init(address: context.client, userAgent: request.userAgentText)
    }

    /// As the log-ins of an account know it. The account's id keeps the digests of two accounts apart.
    func origin(of account: CustomerID) -> LogInOrigin {
        LogInOrigin(
            address: Self.digest(["address", account.description, address.group]),
            device: Self.digest(["device", account.description, address.group, userAgent]))
    }

    /// As a session knows the client that used its refresh token last.
    func digest(in session: SessionID) -> Digest256 {
        Self.digest(["session", session.description, address.group, userAgent])
    }

    private static func digest(_ parts: [String]) -> Digest256 {
        // The lengths keep two different lists from reading as one text.
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        return Digest256(sha256: SHA256.hash(data: Array(text.utf8)))
    }
}
