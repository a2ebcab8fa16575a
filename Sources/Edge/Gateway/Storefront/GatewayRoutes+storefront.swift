import HTTPTypes
import Hummingbird

extension GatewayRoutes {
    /// Adds the shop, the console and what they load. Pages of the other nodes may use the interface of this one.
    public func add(_ storefront: Storefront) {
        // In memory, and no larger than an answer of the interface: not worth a limit that would stop a page midway.
        let policy = RoutePolicy(access: .open, rate: .unlimited, bodyMax: 0)
        let pages = storefront.pages
        for (name, patterns) in Storefront.routes {
            for pattern in patterns {
                get(pattern, policy) { request, _ in
                    guard let document = pages.documents[name] else { throw Problem(.notFound) }
                    return try document.response(to: request)
                }
            }
        }
        missingPage = { pages.documents[Storefront.missing] }
        if let origins = storefront.origins { pipeline.cors.allow(origins) }
        get("/assets/{name}", policy) { request, context in
            guard let file = context.parameters.get("name").flatMap({ storefront.assets[$0] }) else {
                throw Problem(.notFound)
            }
            return try file.response(to: request)
        }
    }
}
