import AsyncHTTPClient
import EventSourcing

/// The credentials in use, looked up again before they end, and when a service says that they have.
actor CredentialStore {
    /// Those that are about to end are renewed while they are still good.
    static let renewal = Duration.seconds(300)
    /// Those without an end are looked up again, for an operator may have replaced them.
    static let lookUpInterval = Duration.seconds(60)

    private let sources: [any CredentialSource]
    private let http: HTTPClient
    private var current: CloudCredentials?
    private var lookedUp = Timestamp.zero
    /// The look-up under way, which all callers wait for.
    private var lookUp: Task<Result<CloudCredentials, CloudFailure>, Never>?

    init(_ sources: [any CredentialSource], over http: HTTPClient) {
        self.sources = sources
        self.http = http
    }

    /// - Throws: why there are none, once those in use have ended.
    func credentials(at now: Timestamp) async throws(CloudFailure) -> CloudCredentials {
        if let current, !isDue(current, at: now) { return current }
        let lookUp = lookUp ?? Task { await found() }
        self.lookUp = lookUp
        let result = await lookUp.value
        if self.lookUp == lookUp {
            self.lookUp = nil
            if case .success(let found) = result { current = found }
            lookedUp = now
        }
        switch result {
        case .success(let found): return found
        case .failure(let failure):
            guard let current, current.expiry.map({ now < $0 }) ?? true else { throw failure }
            return current
        }
    }

    /// A service takes `credentials` no longer.
    func end(_ credentials: CloudCredentials) {
        if current == credentials { current = nil }
    }

    private func isDue(_ credentials: CloudCredentials, at now: Timestamp) -> Bool {
        if let expiry = credentials.expiry { return now + Self.renewal >= expiry }
        return now >= lookedUp + Self.lookUpInterval
    }

    private func found() async -> Result<CloudCredentials, CloudFailure> {
        for source in sources {
            do throws(CloudFailure) {
                if let found = try await source.credentials(over: http) { return .success(found) }
            } catch {
                return .failure(error)
            }
        }
        return .failure(.noCredentials(reason: "neither the environment, a profile nor a container has any"))
    }
}
