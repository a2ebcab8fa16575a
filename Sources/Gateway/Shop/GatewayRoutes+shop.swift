import Checkout

extension GatewayRoutes {
    /// Adds everything that the shop answers under `/api/v1`.
    ///
    /// - Parameters:
    ///   - heartbeat: how long a stream of events is silent; proxies close what is silent for half a minute.
    ///   - subscribersMax: how many may read the events at once.
    public func add(
        _ shop: Shop, views: ShopViews, identity: Identity, heartbeat: Duration = .seconds(15),
        subscribersMax: Int = EventRoutes.subscribersDefault
    ) {
        let pipeline = pipeline
        AccountRoutes(
            accounts: Accounts(shop), hasher: identity.hasher, issuer: identity.issuer, ended: identity.ended,
            countGuess: { account throws(Problem) in try pipeline.countCredentialUse(of: account) }
        ).add(to: self)
        ProductRoutes(shop: shop, cache: views.products, index: views.index, search: views.search).add(to: self)
        InventoryRoutes(shop: shop).add(to: self)
        CartRoutes(shop: shop).add(to: self)
        OrderRoutes(shop: shop).add(to: self)
        EventRoutes(
            feed: EventFeed(shards: shop.shards), heartbeat: heartbeat, subscribersMax: subscribersMax,
            clock: shop.clock
        ).add(to: self)
    }
}
