import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema

/// Whether the views of every node show the committed states once the cluster is at rest.
final class ViewChecker: Checker {
    private var stocks: [SKU: Versioned<Stock>] = [:]
    private var products: [ProductID: Versioned<Product>] = [:]

    func observe(_ observation: Observation, in world: World) {
        guard case .applied(_, _, _, let kind, let id, let row) = observation else { return }
        switch kind {
        case Stock.kind: keep(id, row, in: &stocks)
        case Product.kind: keep(id, row, in: &products)
        default: break
        }
    }

    /// Every node tells of every state; the newest counts.
    private func keep<A: Recorded>(_ id: [UInt8], _ row: [UInt8], in states: inout [A.ID: Versioned<A>]) {
        guard let id = A.ID(encoded: id[...]), let state = try? Versioned<A>(row: row, id: id) else {
            preconditionFailure("a state as stored cannot be read")
        }
        if let known = states[id], known.index > state.index { return }
        states[id] = state
    }

    func unsettled(in world: World) -> String? {
        for node in world.nodes {
            if let behind = node.process?.views.behind { return "\(behind) of node \(node.id)" }
        }
        return nil
    }

    func atEnd(of world: World) {
        for node in world.nodes {
            guard let views = node.process?.views else { continue }
            for sku in Assortment.skus {
                let units = stocks[sku]?.state.available ?? 0
                let shown = views.available[sku] ?? 0
                if shown != units {
                    return world.violate("node \(node.id) shows \(shown) units of \(sku), of which there are \(units)")
                }
                let (entry, price) = (views.prices[sku], price(of: sku))
                if entry != price {
                    let (shown, due) = (String(describing: entry), String(describing: price))
                    return world.violate("node \(node.id) sells \(sku) at \(shown), and not \(due)")
                }
            }
        }
    }

    private func price(of sku: SKU) -> PriceBook.Entry? {
        guard let id = Assortment.entry(of: sku)?.product, let details = products[id]?.state.details,
            let variant = details.variants.first(where: { $0.sku == sku })
        else { return nil }
        return PriceBook.Entry(product: id, price: variant.price, isActive: details.isActive)
    }
}
