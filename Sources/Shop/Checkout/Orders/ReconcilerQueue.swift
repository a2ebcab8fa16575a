import Commerce
import DequeModule
import EventSourcing

/// Which orders of a shard the reconciler drives next. A pure value.
///
/// Bounded, moving and fair. An order takes a place, and gives it up when it ends, or when it has taken long: then it
/// is one of a bounded number of slow ones. Of all under way a quarter at most is one customer's, for whom the order's
/// slot stands, and half at most was tried before; those rest longer after each try. So a provider that hangs for the
/// orders of one customer, or for some of everybody's, keeps none waiting for which it answers.
struct ReconcilerQueue: Sendable {
    private struct Rest {
        var tries = 0
        var since = Timestamp.zero
        var length = Duration.zero

        /// A clock that was set back ends the rest: it would last until the clock has caught up.
        func isOver(at now: Timestamp) -> Bool { now < since || now >= since + length }
    }

    private struct Driving {
        let since: Timestamp
        let isRetry: Bool
        var isSlow = false
    }

    /// A provider that is well answers well within it.
    private static let slowAfter = Duration.seconds(1)
    /// Under way at most, for each place: the rest are slow. Each may keep one of the connections to the provider.
    private static let underWayPerPlace = 4
    /// The rest after the first try that decided nothing.
    private static let restFirst = Duration.seconds(1)
    /// Orders remembered that were tried in vain; past it all are forgotten, and merely asked for sooner.
    private static let restsMax = 16_384
    /// Orders looked at for the next one; those that have to wait go to the end.
    private static let lookedAtMax = 256
    /// Orders that wait in the queue, for each place; a shard hands out no more than find room.
    private static let waitingPerPlace = 4

    private let places: Int
    private let restMax: Duration
    private var waiting: Deque<OrderID> = []
    private var isWaiting: Set<OrderID> = []
    private var underWay: [OrderID: Driving] = [:]
    private var underWayBySlot: [Slot: Int] = [:]
    private var slow = 0
    private var retries = 0
    private var rests: [OrderID: Rest] = [:]

    init(_ policy: CheckoutPolicy) {
        places = policy.reconciledAtOnceMax
        restMax = policy.reconcileRestMax
    }

    private var underWayMax: Int { Self.underWayPerPlace * places }

    /// How many more orders it takes; nil while it has enough.
    var wantedCount: Int? {
        let room = Self.waitingPerPlace * places - waiting.count
        return room > 0 ? room : nil
    }

    /// Puts an order at the end of the queue, unless it is known already.
    mutating func add(_ order: OrderID) {
        guard underWay[order] == nil, isWaiting.insert(order).inserted else { return }
        waiting.append(order)
    }

    /// The next order to drive. Those that have to rest leave the queue: the shard hands them out again.
    mutating func next(at now: Timestamp) -> OrderID? {
        guard underWay.count - slow < places, underWay.count < underWayMax else { return nil }
        for _ in 0..<min(waiting.count, Self.lookedAtMax) {
            guard let order = waiting.popFirst() else { break }
            let rest = rests[order]
            guard rest?.isOver(at: now) ?? true else {
                isWaiting.remove(order)
                continue
            }
            guard mayStart(order, isRetry: rest != nil) else {
                waiting.append(order)
                continue
            }
            isWaiting.remove(order)
            underWay[order] = Driving(since: now, isRetry: rest != nil)
            underWayBySlot[order.slot, default: 0] += 1
            if rest != nil { retries += 1 }
            return order
        }
        return nil
    }

    private func mayStart(_ order: OrderID, isRetry: Bool) -> Bool {
        underWayBySlot[order.slot, default: 0] < max(1, underWayMax / 4) && (!isRetry || retries < underWayMax / 2)
    }

    /// Takes the places of those that have taken long.
    mutating func look(at now: Timestamp) {
        // A clock that was set back says nothing of how long it took: too long, then.
        for (order, driving) in underWay
        where !driving.isSlow && (now < driving.since || now.since(driving.since) >= Self.slowAfter) {
            underWay[order]?.isSlow = true
            slow += 1
        }
    }

    /// The driving of an order has ended.
    mutating func ended(_ order: OrderID, isDecided: Bool, at now: Timestamp) {
        guard let driving = underWay.removeValue(forKey: order) else { return }
        let slotCount = underWayBySlot[order.slot, default: 1] - 1
        underWayBySlot[order.slot] = slotCount > 0 ? slotCount : nil
        if driving.isRetry { retries -= 1 }
        if driving.isSlow { slow -= 1 }
        guard !isDecided else {
            rests[order] = nil
            return
        }
        if rests.count >= Self.restsMax { rests = [:] }
        var rest = rests[order] ?? Rest()
        rest.since = now
        rest.length = min(Self.restFirst * (1 << min(rest.tries, 20)), restMax)
        rest.tries += 1
        rests[order] = rest
    }
}
