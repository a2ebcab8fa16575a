import ActorSystem
import Commerce
import EventSourcing
import Inventory
import Schema

/// Hears every reply that a client gets, and says whether it is one that a single sequential shop could have given
/// then.
///
/// A reply names the record it rests on. A client that asks remembers what had been acknowledged to any client by then;
/// the reply has to rest on that much, on nothing that is not committed, and on the very states that the records make.
final class Witness {
    private let model: ShopModel
    private unowned let world: World
    /// By shard: the newest record that any client has been told of.
    private var acknowledged: [LogIndex]
    /// What each request that places an order was first answered.
    private var answers: [String: (order: Order, index: LogIndex)] = [:]

    init(model: ShopModel, world: World) {
        self.model = model
        self.world = world
        acknowledged = model.committed
    }

    /// A moment at which something was asked.
    struct Asked {
        fileprivate let acknowledged: [LogIndex]
    }

    func ask() -> Asked { Asked(acknowledged: acknowledged) }

    // MARK: - Replies

    /// - Returns: the record that the reply rests on; nil when no record makes it right.
    @discardableResult
    func told(_ order: Versioned<Order>, _ asked: Asked) -> LogIndex? {
        told(order, model.orders[order.state.id], order.state.id, asked)
    }

    func told(_ stock: Versioned<Stock>, _ asked: Asked) {
        _ = told(stock, model.stocks[stock.state.id], stock.state.id, asked)
    }

    /// How much there is of a SKU, without who holds it.
    func told(_ count: StockCount, _ asked: Asked) {
        _ = told(of: count.sku, at: count.version, "\(count)", model.stocks[count.sku], asked) {
            $0.onHand == count.onHand && $0.reserved == count.reserved
        }
    }

    private func told<A: Recorded & Equatable>(
        _ reply: Versioned<A>, _ timeline: Timeline<A>, _ id: A.ID, _ asked: Asked
    ) -> LogIndex? {
        told(of: id, at: reply.version, "\(reply.state)", timeline, asked) { $0 == reply.state }
    }

    private func told<A: Recorded>(
        of id: A.ID, at version: UInt64, _ reply: @autoclosure () -> String, _ timeline: Timeline<A>, _ asked: Asked,
        isRight: (A) -> Bool
    ) -> LogIndex? {
        let shard = shard(of: id)
        guard version <= timeline.current.version else {
            return violate("told of \(id) at version \(version), and \(timeline.current.version) is committed")
        }
        guard let moment = timeline.moment(version: version), isRight(moment.state) else {
            return violate("told of \(id) at version \(version), which never was: \(reply())")
        }
        let floor = timeline.moments[timeline.position(asOf: asked.acknowledged[shard])]
        guard version >= floor.version else {
            return violate(
                "told of \(id) at version \(version), and version \(floor.version) had been acknowledged "
                    + "before it was asked")
        }
        acknowledge(moment.index, shard)
        return moment.index
    }

    private func violate(_ message: @autoclosure () -> String) -> LogIndex? {
        world.violate(message())
        return nil
    }

    /// The answer to a request that places an order: the first one and every repetition.
    func told(_ order: Versioned<Order>, placedBy request: String, lines: [OrderLine], _ asked: Asked) {
        guard let index = told(order, asked) else { return }
        let state = order.state
        guard let first = state.firstAnswer else { return world.violate("\(state.id) was answered without an answer") }
        guard state.placement?.paymentMethod == request, state.lines.map(\.sku) == lines.map(\.sku),
            state.lines.map(\.quantity) == lines.map(\.quantity)
        else { return world.violate("\(request) was answered with \(state.id), which is another order") }
        if let before = answers[request], let answered = before.order.firstAnswer, !before.order.isLeftOpen,
            before.order.keepsKey(until: state)
        {
            // Of an attempt that came to nothing those may still hear who asked before the one that came to something
            // was told of.
            if state.isLeftOpen, asked.acknowledged[shard(of: state.id)] < before.index {
                return
            }
            guard before.order.id == state.id else {
                return world.violate(
                    "\(request) was answered with \(before.order.id), \(answered), and with \(state.id), \(first)")
            }
            guard answered == first else {
                return world.violate("\(state.id) was first \(answered), and then \(first)")
            }
        }
        answers[request] = (state, index)
    }

    /// A refusal is right if some state that the reply can rest on refuses so.
    func refused(_ id: OrderID, _ command: Order.Command, _ refusal: Order.Refusal, _ asked: Asked) {
        let states = model.orders[id].since(asked.acknowledged[shard(of: id)])
        let isRight = states.contains { moment in
            do throws(Order.Refusal) {
                _ = try moment.state.decide(command, at: moment.time)
                return false
            } catch { return error == refusal }
        }
        if !isRight { world.violate("\(command) of \(id) was refused, and nothing speaks against it: \(refusal)") }
    }

    func refused(_ sku: SKU, _ command: Stock.Command, _ refusal: Stock.Refusal, _ asked: Asked) {
        let states = model.stocks[sku].since(asked.acknowledged[shard(of: sku)])
        let isRight = states.contains { moment in
            do throws(Stock.Refusal) {
                _ = try moment.state.decide(command, at: moment.time)
                return false
            } catch { return error == refusal }
        }
        if !isRight { world.violate("\(command) of \(sku) was refused, and nothing speaks against it: \(refusal)") }
    }

    private func shard(of id: some AggregateID) -> Int { Int(id.slot.shard(of: acknowledged.count).rawValue) }

    private func acknowledge(_ index: LogIndex, _ shard: Int) { acknowledged[shard] = max(acknowledged[shard], index) }
}
