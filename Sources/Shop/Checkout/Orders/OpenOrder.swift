import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// The first record of a checkout: the idempotency key, the order, and the stock that lives on the order's shard.
struct OpenOrder: KeyedStep {
    let id: OrderID
    let request: OrderRequest
    /// Beside the order: the sender's own, or one of the same digest where the sender lives elsewhere.
    let keyID: IdempotencyKeyID
    /// What the items cost, or why the order is refused, unless it is a retry: that is answered as ever.
    let quote: Result<Quote, OrderRefusal>
    /// How long the order may be undecided before it is driven on.
    let attemptMax: Duration

    static var number: StepNumber { StepNumber(rawValue: 20) }
    var slot: Slot { id.slot }

    var key: StepKey? { StepKey(id: keyID, fingerprint: request.fingerprint) }

    func run(in batch: Batch) throws(OrderRefusal) -> Opened {
        if let order = try attempt(in: batch) {
            guard isOpen(order, in: batch) else { return .replay(order) }
            freeKey(in: batch)
        }
        guard !request.namesAccount || hasAccount(in: batch) else { throw .noAccount }
        let placement = try placement(at: batch.now)
        do throws(Order.Refusal) {
            try batch.decide(Order.self, id, .place(placement), isNew: true)
        } catch {
            guard case .invalid(let field) = error else { preconditionFailure("a new order refused itself: \(error)") }
            throw .invalid(field)
        }
        if !Mistake.orderWithoutKey.isMade {
            let claim = IdempotencyKey.Command.claim(
                fingerprint: request.fingerprint, subject: .order(id), expiresAt: batch.now + StepKey.lifetime)
            decide(claim, in: batch)
        }
        if Mistake.cartClearedUnpaid.isMade { OrderChange.clearCart(of: placement, in: batch) }
        let units = batch.owned(placement.holds)
        let shortages = batch.hold(units, for: id)
        // Other shards may be short too: the driver of the order asks them before it is rejected for all at once.
        if !shortages.isEmpty, units.count == placement.holds.count { reject(shortages, in: batch) }
        return .new(batch.read(Order.self, id), asOf: batch.committed, shortages)
    }

    func keep(_ refusal: OrderRefusal, in batch: Batch) {
        // It takes the place of an attempt that left the request open.
        let before = try? attempt(in: batch)
        if refusal.isKept, let before { if isOpen(before, in: batch) { freeKey(in: batch) } }
        batch.keep(refusal, under: key)
    }

    /// The order of an earlier attempt; nil when there was none.
    private func attempt(in batch: Batch) throws(OrderRefusal) -> OrderID? {
        guard let standing = try standing(in: batch) else { return nil }
        guard case .order(let order) = standing else { throw .keyReused }
        return order
    }

    /// Whether the request of `order` is still open: it came to nothing because nothing could be asked for its payment.
    private func isOpen(_ order: OrderID, in batch: Batch) -> Bool {
        batch.look(at: Order.self, order) { order in
            guard case .rejected(let rejection)? = order.state.firstAnswer else { return false }
            return Mistake.refusalFreesKey.isMade || !rejection.isFinal
        }
    }

    /// Whether the customer has an account, which lives with the order.
    private func hasAccount(in batch: Batch) -> Bool {
        batch.look(at: Account.self, request.customer) { $0.exists && !$0.state.isErased }
    }

    private func freeKey(in batch: Batch) { decide(.release, in: batch) }

    private func decide(_ command: IdempotencyKey.Command, in batch: Batch) {
        do throws(IdempotencyKey.Refusal) {
            try batch.decide(IdempotencyKey.self, keyID, command)
        } catch {
            preconditionFailure("a key that does not stand refused: \(error)")
        }
    }

    private func reject(_ shortages: [Shortage], in batch: Batch) {
        do throws(Order.Refusal) {
            try batch.decide(Order.self, id, .reject(.insufficientStock(shortages)))
        } catch {
            preconditionFailure("a new order refused to be rejected: \(error)")
        }
    }

    private func placement(at now: Timestamp) throws(OrderRefusal) -> Placement {
        let placement = request.placement(at: try quote.get(), deadline: now + attemptMax)
        if let expected = request.expectedTotal {
            guard let actual = placement.total else { throw .invalid(.total) }
            guard actual.amount == expected else { throw .totalDiffers(actual: actual) }
        }
        return placement
    }
}

/// What the first record of a checkout decided.
enum Opened: WireCodable {
    /// With what there is too little of on the order's own shard. Nothing is held there then.
    case new(Versioned<Order>, asOf: LogIndex, [Shortage])
    /// The key stands for this order.
    case replay(OrderID)
}

// MARK: - Bytes

extension OpenOrder {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(request)
            writer.write(keyID)
            writer.write(attemptMax)
            switch quote {
            case .success(let quote):
                writer.append(1)
                writer.write(quote.currency)
                writer.writeArray(quote.unitPrices) { $0.writeSigned($1) }
            case .failure(let refusal):
                writer.append(2)
                writer.write(refusal)
            }
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (id, request) = (try fields.identifier(OrderID.self), try fields.orderRequest())
            let (keyID, attemptMax) = (try fields.keyID(), try fields.duration())
            let quote: Result<Quote, OrderRefusal> =
                switch try fields.byte() {
                case 1: .success(try fields.quote(of: request.items.count))
                case 2: .failure(try fields.orderRefusal())
                default: throw fields.malformed("no such quote")
                }
            return OpenOrder(id: id, request: request, keyID: keyID, quote: quote, attemptMax: attemptMax)
        }
    }
}

extension FieldReader {
    fileprivate mutating func quote(of count: Int) throws(MalformedBytes) -> Quote {
        let currency = try currency()
        let prices = try array(bytesMin: 1) { f throws(MalformedBytes) in try f.signed() }
        guard prices.count == count else { throw malformed("an item without its price") }
        return Quote(unitPrices: prices, currency: currency)
    }
}

extension Opened {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .new(let order, let index, let shortages):
                writer.append(1)
                writer.write(order)
                writer.write(index)
                writer.writeArray(shortages) { $0.write($1) }
            case .replay(let id):
                writer.append(2)
                writer.write(id)
            }
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1:
                .new(try fields.order(), asOf: try fields.index(), try fields.shortages())
            case 2: .replay(try fields.identifier(OrderID.self))
            default: throw fields.malformed("nothing that comes of opening an order")
            }
        }
    }
}
