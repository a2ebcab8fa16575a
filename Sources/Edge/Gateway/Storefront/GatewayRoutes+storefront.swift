import HTTPTypes
import Hummingbird

extension GatewayRoutes {
    /// The paths of the shop's pages but the first, which its own script tells apart.
    private static let shopPages = [
        "/search", "/products/{id}", "/cart", "/checkout", "/orders", "/orders/{id}", "/account", "/log-in",
        "/register",
    ]

    /// Adds the shop, the console and what they load.
    public func add(_ storefront: Storefront) {
        // In memory, and no larger than an answer of the interface: not worth a limit that would stop a page midway.
        let policy = RoutePolicy(access: .open, rate: .unlimited, bodyMax: 0)
        get("/", policy) { request, _ in try storefront.home.response(to: request) }
        for page in Self.shopPages {
            get(page, policy) { request, _ in try storefront.shop.response(to: request) }
        }
        for page in ["/console", "/console/**", "/docs"] {
            get(page, policy) { request, _ in try storefront.console.response(to: request) }
        }
        get("/assets/{name}", policy) { request, context in
            guard let file = context.parameters.get("name").flatMap({ storefront.assets[$0] }) else {
                throw Problem(.notFound)
            }
            return try file.response(to: request)
        }
    }
}
