import Gateway

/// The settings of the pages that a node serves.
extension NodeConfiguration {
    /// The nodes that a page may turn to.
    enum StorefrontGateways: Sendable, Equatable {
        case these([String])
        /// Those of the moment, at the addresses they tell each other.
        case members
    }

    static let storefront = Setting(
        "storefront", default: "",
        "The folder that `tools/storefront build` made: the shop under `/` and the console under `/console`. Empty "
            + "serves neither.")
    static let storefrontGateways = Setting(
        "storefront-gateways", default: "",
        "Origins of all nodes, separated by commas, or `members`, where they listen: a page of one goes on with the "
            + "next when its own does not answer.")

    static func origins(_ text: String) -> [String]? {
        if text.isEmpty { return [] }
        let origins = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
        return origins.allSatisfy(CORSConfiguration.isOrigin) ? origins : nil
    }
}
