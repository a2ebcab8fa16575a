import ActorSystem
import Checkout
import Commerce
import Consensus
import EventSourcing
import Inventory
import Schema
import Steps

/// Wants one order, and then something done with it. Retries everything under the same key, at any node, sometimes
/// twice at once, and asks again when all is over.
struct Customer: Role {
    private let client: Client
    /// Names the request.
    private let name: String
    private let customer: CustomerID
    /// Where the key's sender lives: the customer, or a member of staff who orders for them.
    private let sender: Slot
    private let lines: [OrderLine]
    /// What happens to the order once it is paid, or may be.
    private let later: [Order.Command]
    private let fillsCart: Bool
    private let orderedAs: OrderSender
    private let isImpatient: Bool
    private let isSuspicious: Bool

    /// Puts neighbouring numbers on different shards.
    private static let senderStride = 1_031

    init(number: Int, client: Client) {
        self.client = client
        name = "pm_\(number)"
        let random = { client.random.below($0) }
        customer = CustomerID(at: .zero, slot: Slot(UInt16(random(4_096))), random: UInt64(number) << 8)
        sender = number % 3 == 0 ? Slot(UInt16(number * Self.senderStride % Int(Slot.count))) : customer.slot
        lines = (0..<1 + random(3)).map { _ in
            let sku = random(2) == 0 ? Assortment.skus[0] : Assortment.skus[random(Assortment.skus.count)]
            return OrderLine(sku: sku, quantity: Units(Int64(1 + random(4)))!, unitPrice: 0)
        }
        let (price, first) = (Int64(50 + random(200)), RefundItem(sku: lines[0].sku, quantity: 1))
        later = switch random(8) {
        case 0, 1: [.cancel(reason: nil)]
        case 2: [.refund(reason: nil, restock: false)]
        case 3: [.ship(tracking: "T"), .refund(reason: nil, restock: random(2) == 0)]
        case 4: [.ship(tracking: nil), .deliver]
        case 5:
            [
                .refundPart(.items([first]), reason: nil), .refundPart(.amount(price), reason: nil),
                .cancel(reason: nil),
            ]
        case 6:
            [
                .ship(tracking: "T"), .refundPart(.amount(price), reason: nil),
                .refundPart(.items([first, first]), reason: nil), .ship(tracking: "U"),
                .refund(reason: nil, restock: random(2) == 0),
            ]
        default: []
        }
        // Guests came with the second version: until all nodes run it they are told to wait.
        orderedAs = number % 4 == 1 ? .guest(EmailAddress("guest-\(number)@example.com")!) : .customer
        isImpatient = client.world.faults[.clientRetry] > 0 && random(2) == 0
        isSuspicious = random(3) > 0
        fillsCart = random(2) == 0
    }

    func play() async {
        guard await client.pause(.zero, .seconds(10)), await fillCart(), let order = await place() else { return }
        if order.firstAnswer == .paid || order.firstAnswer == .pending {
            for (position, command) in later.enumerated() {
                if await take(command, order.id, position) == .over { break }
            }
        }
        // Everything that was ever said still holds.
        guard await client.healed(), let again = await place(), again.id == order.id else { return }
        await look(at: order.id)
    }

    // MARK: - Placing

    /// Puts what is to be ordered into the cart, of the first SKU one more.
    ///
    /// - Returns: false when the run is over before.
    private func fillCart() async -> Bool {
        guard fillsCart else { return true }
        var wanted: [SKU: Int64] = [lines[0].sku: 1]
        for line in lines { wanted[line.sku, default: 0] += line.quantity.rawValue }
        for sku in Assortment.skus {
            guard let units = wanted[sku] else { continue }
            while await !putIntoCart(sku, Units(units)!) {
                guard await client.pauseBriefly() else { return false }
            }
        }
        return true
    }

    private func putIntoCart(_ sku: SKU, _ units: Units) async -> Bool {
        let customer = customer
        let reply = await client.ask { shop in
            try await shop.shards.run(ChangeCart(of: customer, .setItem(sku, units)), at: shop.clock())
        }
        if case .answered(.success) = reply { return true }
        return false
    }

    private var request: OrderRequest {
        OrderRequest(
            customer: customer, placedBy: customer,
            items: lines.map { OrderRequest.Item(sku: $0.sku, quantity: $0.quantity) }, paymentMethod: name,
            key: IdempotencyKeyID(slot: sender, digest: Client.digest(name)),
            fingerprint: Client.digest("\(lines)"), clearsCart: fillsCart, sender: orderedAs)
    }

    /// - Returns: the order once it has been answered; nil when the run is over before.
    private func place() async -> Order? {
        repeat {
            if isImpatient, client.world.strikes(.clientRetry) { client.world.outside.spawn { _ = await placeOnce() } }
            if let order = await placeOnce(), !order.isLeftOpen { return order }
        } while await client.pauseBriefly()
        return nil
    }

    private func placeOnce() async -> Order? {
        let asked = client.witness.ask()
        switch await client.ask({ [request] shop in try await shop.checkout.place(request).order }) {
        case .answered(let order):
            client.witness.told(order, placedBy: name, lines: lines, asked)
            if isSuspicious { lookEverywhere(at: order.state.id) }
            return order.state
        // Many attempts at once may be more than a guest may have under way; the next one finds them over.
        case .failed(CheckoutFailure.refused(.tooManyUndecided)) where isImpatient: return nil
        case .failed(CheckoutFailure.refused(let refusal)):
            client.world.violate("\(name) was refused: \(refusal)")
            return nil
        case .failed, .lost: return nil
        }
    }

    // MARK: - Afterwards

    /// `refused` for now: it may be asked for again, under another key.
    private enum Step { case done, again, refused, over }

    /// All tries of one step under one key.
    private struct Attempt {
        var number: Int
        /// What was known before the first of them.
        var first: Witness.Asked
    }

    /// Asks until the step is taken, or will never be.
    private func take(_ command: Order.Command, _ id: OrderID, _ position: Int) async -> Step {
        var step = Step.again
        var attempt = Attempt(number: 0, first: client.witness.ask())
        while step == .again {
            guard await client.pauseBriefly() else { return .over }
            if isImpatient, client.world.strikes(.clientRetry) { await look(at: id) }
            let digest = Client.digest("\(name), step \(position), attempt \(attempt.number)")
            let key = StepKey(id: IdempotencyKeyID(slot: id.slot, digest: digest), fingerprint: digest)
            step = await takeOnce(command, id, key, attempt.first)
            if step == .refused {
                attempt = Attempt(number: attempt.number + 1, first: client.witness.ask())
                step = .again
            }
        }
        return step
    }

    /// - Parameter first: what was known before the first try: a refusal may be one that the key has kept since.
    private func takeOnce(
        _ command: Order.Command, _ id: OrderID, _ key: StepKey, _ first: Witness.Asked
    ) async -> Step {
        let asked = client.witness.ask()
        let customer = customer
        let reply = await client.ask { shop in
            try await shop.checkout.change(ChangeOrder(id, command, of: customer, key: key), by: customer)
        }
        switch reply {
        case .answered(.success(let changed)):
            client.witness.told(changed.order, asked)
            if isSuspicious { lookEverywhere(at: id) }
            return .done
        case .answered(.failure(.notFound)):
            client.world.violate("\(id) was acknowledged and is gone")
            return .over
        case .answered(.failure(.keyReused)):
            client.world.violate("a step of \(id) was taken for another")
            return .over
        case .answered(.failure(.order(let refusal))):
            client.witness.refused(id, command, refusal, first)
            switch refusal {
            case .paymentInProgress, .illegalTransition(from: .paid, _), .illegalTransition(from: .placed, _):
                return .refused
            default: return .over
            }
        case .answered(.failure(.condition)):
            client.world.violate("a step of \(id) failed a condition that it does not have")
            return .over
        case .failed, .lost: return .again
        }
    }

    /// Asks every node at once whether it knows of what was just said: one that others have left behind does not.
    private func lookEverywhere(at id: OrderID) {
        for node in client.world.members { client.world.outside.spawn { await look(at: id, on: node) } }
    }

    /// Reads the order, once.
    private func look(at id: OrderID, on node: NodeID? = nil) async {
        let asked = client.witness.ask()
        let reply = await client.ask(at: node) { shop in try await shop.shards.read(Order.self, id) }
        if case .answered(let order) = reply { client.witness.told(order, asked) }
    }
}
