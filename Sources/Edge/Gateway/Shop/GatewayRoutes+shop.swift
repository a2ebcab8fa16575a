import Accounts
import Checkout

extension GatewayRoutes {
    /// Adds everything that the shop answers under `/api/v1`.
    ///
    /// - Parameters:
    ///   - heartbeat: how long a stream of events is silent; proxies close what is silent for half a minute.
    ///   - subscribersMax: how many may read the events at once.
    public func add(
        _ shop: Shop, views: ShopViews, identity: Identity, webhooks: WebhookAccess,
        heartbeat: Duration = .seconds(15), subscribersMax: Int = EventRoutes.subscribersDefault
    ) {
        let pipeline = pipeline
        let accounts = AccountBook(shop)
        let check = PasswordCheck(
            accounts: accounts, hasher: identity.hasher,
            countGuess: { key throws(Problem) in try pipeline.countGuess(key) }, failurePause: identity.failurePause)
        AccountRoutes(accounts: accounts, identity: identity, check: check).add(to: self)
        ExportRoute(shop: shop, accounts: accounts).add(to: self)
        ProductRoutes(shop: shop, cache: views.products, index: views.index, search: views.search).add(to: self)
        InventoryRoutes(shop: shop).add(to: self)
        CartRoutes(shop: shop).add(to: self)
        CartMergeRoute(shop: shop, verifier: identity.verifier).add(to: self)
        OrderRoutes(shop: shop).add(to: self)
        OrderStatisticsRoute(statistics: views.statistics, shop: shop).add(to: self)
        WebhookRoutes(shop: shop, access: webhooks).add(to: self)
        EventRoutes(
            feed: EventFeed(shards: shop.shards), heartbeat: heartbeat, subscribersMax: subscribersMax,
            ended: identity.ended, stop: stop, clock: shop.clock
        ).add(to: self)
    }
}

extension AccountBook {
    /// The accounts of a running node.
    init(_ shop: Shop) { self.init(shards: shop.shards, clock: shop.clock, random: shop.random) }
}
