extension GatewayRoutes {
    /// Adds everything that the shop answers under `/api/v1`.
    public func add(_ shop: Shop, views: ShopViews, identity: Identity) {
        let pipeline = pipeline
        AccountRoutes(
            accounts: Accounts(shop), hasher: identity.hasher, issuer: identity.issuer, ended: identity.ended,
            countGuess: { account throws(Problem) in try pipeline.countCredentialUse(of: account) }
        ).add(to: self)
        ProductRoutes(shop: shop, cache: views.products, index: views.index, search: views.search).add(to: self)
        InventoryRoutes(shop: shop).add(to: self)
        OrderRoutes(shop: shop).add(to: self)
    }
}
