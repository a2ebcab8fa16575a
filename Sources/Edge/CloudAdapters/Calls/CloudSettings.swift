/// Where a service is and who asks, found where the vendor's own tools look: `AWS_REGION`, `AWS_ENDPOINT_URL`, the
/// credentials of the environment, of a profile or of the container.
public struct CloudSettings: Sendable {
    let service: CloudService
    let region: String
    let endpoint: CloudEndpoint
    let sources: [any CredentialSource]

    /// - Parameters:
    ///   - environment: of the process.
    ///   - region: instead of the environment's or the profile's.
    ///   - endpoint: instead of the environment's or the region's own.
    public init(
        _ service: CloudService, environment: [String: String], region: String? = nil, endpoint: String? = nil
    ) throws(CloudFailure) {
        let profile = CredentialProfile(environment: environment)
        let set = Self.first(of: ["AWS_REGION", "AWS_DEFAULT_REGION"], in: environment)
        var named = region ?? set
        if named == nil { named = try profile.region() }
        guard let region = named, Self.isRegion(region) else { throw .noRegion }
        self.service = service
        self.region = region
        let address =
            endpoint
            ?? Self.first(of: ["AWS_ENDPOINT_URL_\(service.variableSuffix)", "AWS_ENDPOINT_URL"], in: environment)
        if let address {
            self.endpoint = try CloudEndpoint(address)
        } else {
            self.endpoint = try CloudEndpoint(service, region: region)
        }
        sources = [
            EnvironmentCredentials(environment: environment), profile, ContainerCredentials(environment: environment),
        ]
    }

    /// An empty variable counts as none.
    private static func first(of names: [String], in environment: [String: String]) -> String? {
        names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }

    /// It becomes part of a host's name.
    private static func isRegion(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.wholeMatch(of: /[a-z0-9-]+/) != nil
    }
}
