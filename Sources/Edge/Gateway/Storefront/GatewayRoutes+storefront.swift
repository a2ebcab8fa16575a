import HTTPTypes
import Hummingbird

extension GatewayRoutes {
    /// Adds the shop, the console and what they load.
    public func add(_ storefront: Storefront) {
        // In memory, and no larger than an answer of the interface: not worth a limit that would stop a page midway.
        let policy = RoutePolicy(access: .open, rate: .unlimited, bodyMax: 0)
        for (name, document) in storefront.documents {
            for route in Storefront.routes[name] ?? [] {
                get(route, policy) { request, _ in try document.response(to: request) }
            }
        }
        missingPage = storefront.documents[Storefront.missing]
        get("/assets/{name}", policy) { request, context in
            guard let file = context.parameters.get("name").flatMap({ storefront.assets[$0] }) else {
                throw Problem(.notFound)
            }
            return try file.response(to: request)
        }
    }
}
