import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What several aggregates of one record say about each other.
extension ShopAudit {
    mutating func judgeTouched(_ named: [(key: IdempotencyKeyID, order: OrderID)], _ moment: Moment) {
        for (key, order) in named { judge(key, naming: order, moment) }
        for order in touched.changedOrders where order.isPlaced { judgeKey(of: order.made.value, moment) }
        for order in touched.changedOrders where order.isPaid { judgeCart(of: order.made.value, at: moment.place) }
        var judged: OrderID?
        for id in touched.orders.count > 1 ? touched.orders.sorted() : touched.orders where id != judged {
            judge(id, on: isInOrder ? nil : moment.shard, at: moment.place)
            judged = id
        }
        for id in touched.products { judge(id, at: moment.place) }
        for (sku, freedBy) in touched.skus { judge(sku, freedBy: freedBy, at: moment.place) }
        for id in touched.accounts { judge(id, at: moment.place) }
        for email in touched.emails { judge(email, at: moment.place) }
        for change in touched.sessions { judge(change, at: moment.place) }
        for id in touched.logIns where accounts[id]?.wasRegistered != true {
            find("log-ins of \(id), which was never registered", at: moment.place)
        }
    }

    // MARK: - Idempotency keys

    mutating func note(_ change: Change<IdempotencyKey>, _ moment: Moment) {
        var claim = change.before
        for event in change.events {
            switch event {
            case .claimed(let next):
                switch next.subject {
                case .order(let order): touched.keys.named.append((change.id, order))
                case .elsewhere(let slot) where shard(of: slot) == moment.shard:
                    find("\(change.id) stands for \(next.name), which is on this shard", at: moment.place)
                case .elsewhere, .answer: break
                }
                claim = next
            case .released:
                if let claim {
                    switch claim.subject {
                    case .order(let order): touched.keys.givenUp.append((change.id, order))
                    case .answer: find("\(change.id) is given up, and it stands for \(claim.name)", at: moment.place)
                    case .elsewhere: break
                    }
                }
                claim = nil
            }
        }
    }

    /// A key is given up for one reason only: its order was rejected when it was answered, so that nothing came of it.
    /// Earlier versions did so for whatever it was rejected, and gave up a sender's claim of an effect elsewhere when
    /// that was refused, of which no record told.
    mutating func judge(_ key: IdempotencyKeyID, givingUp id: OrderID, _ moment: Moment) {
        guard isInOrder || isHome(id, moment.shard) else { return released.append((key, id, moment.place)) }
        judge(key, givingUp: id, at: moment.place)
    }

    mutating func judge(_ key: IdempotencyKeyID, givingUp id: OrderID, at place: Place) {
        guard let order = orders[id], case .rejected? = order.firstAnswer else {
            return find("\(key) is given up, and it stands for \(id)", at: place)
        }
    }

    private mutating func judge(_ key: IdempotencyKeyID, naming order: OrderID, _ moment: Moment) {
        if unkeyed.removeValue(forKey: order) != nil { return }
        if touched.order(order) == nil, !orders.contains(order) {
            // On another shard it may be yet to come: the name is taken first.
            guard !isHome(order, moment.shard) else {
                return find("\(key) stands for \(order), which is not there", at: moment.place)
            }
        }
        keyed.insert(order)
    }

    private mutating func judgeKey(of order: Order, _ moment: Moment) {
        guard keyed.remove(order.id) == nil else { return }
        guard order.placement?.placedBy != order.customer else {
            return find("\(order.id) is placed without its key", at: moment.place)
        }
        // Who ordered for the customer has keys of their own, which may live elsewhere.
        unkeyed[order.id] = moment.place
    }

    // MARK: - Carts

    /// So many units of each SKU have left the cart with the payment as were ordered, or all that there were.
    private mutating func judgeCart(of order: Order, at place: Place) {
        guard let placement = order.placement, placement.clearsCart else { return }
        let after = carts[placement.customer] ?? Cart(id: placement.customer)
        let before = touched.carts[placement.customer] ?? after
        for hold in placement.holds {
            let rest = before.quantity(of: hold.sku).subtracting(hold.units) ?? .zero
            let left = after.quantity(of: hold.sku)
            guard left != rest else { continue }
            find("\(order.id) is paid, and \(left) of \(hold.sku) are left in the cart, not \(rest)", at: place)
        }
    }

    // MARK: - The catalogue

    mutating func note(_ change: Change<Product>) {
        // What only counts sales changes no SKU.
        guard change.before != change.after.details?.variants else { return }
        touched.products.append(change.id)
        touched.changedProducts[change.id] = change.after
    }

    mutating func note(_ change: Change<SKUClaim>) {
        touched.skus.append((change.id, change.after.holder == nil ? change.before : nil))
    }

    private mutating func judge(_ id: ProductID, at place: Place) {
        guard let details = product(id)?.details else { return }
        for variant in details.variants {
            let holder = skuClaims[CatalogueSKU(variant.sku)]?.holder
            guard holder != id else { continue }
            find("\(id) has \(variant.sku), which \(holder.map { "is \($0)'s" } ?? "it has not claimed")", at: place)
        }
    }

    private mutating func judge(_ sku: CatalogueSKU, freedBy former: ProductID?, at place: Place) {
        if let former, has(former, sku.sku) { find("\(former) gave \(sku) up and still has it", at: place) }
        guard let holder = skuClaims[sku]?.holder, !has(holder, sku.sku) else { return }
        find("\(holder) has claimed \(sku) and has it not", at: place)
    }

    private func has(_ product: ProductID, _ sku: SKU) -> Bool {
        self.product(product)?.details?.variants.contains { $0.sku == sku } ?? false
    }

    private func product(_ id: ProductID) -> Product? { touched.changedProducts[id] ?? products[id] }

    // MARK: - Accounts

    private mutating func judge(_ id: CustomerID, at place: Place) {
        guard let email = accounts[id]?.email, emailClaims[email]?.holder != id else { return }
        find("\(id) logs in with \(email), which it has not claimed", at: place)
    }

    private mutating func judge(_ email: EmailAddress, at place: Place) {
        guard let holder = emailClaims[email]?.holder, accounts[holder]?.email != email else { return }
        find("\(email) is \(holder)'s, which logs in with \(accounts[holder]?.email?.description ?? "none")", at: place)
    }

    private mutating func judge(_ change: Change<Session>, at place: Place) {
        let session = change.after
        guard let customer = session.customer else { return }
        guard let account = accounts[customer], account.wasRegistered else {
            return find("\(session.id) is of \(customer), which was never registered", at: place)
        }
        let isUsed = change.events.contains { if case .ended = $0 { false } else { true } }
        if isUsed, !account.admits(session) {
            find("\(session.id) is used, and \(customer) has ended all sessions since it was opened", at: place)
        }
    }

    // MARK: - Consumers

    mutating func note(_ change: Change<ConsumerPosition>, _ moment: Moment) {
        guard Int(change.id.source.rawValue) >= shards else { return }
        find("\(change.id): there is no such shard", at: moment.place)
    }
}

extension Account {
    fileprivate var wasRegistered: Bool { profile != nil || isErased }
}
