import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Synchronization
import Testing

@testable import Checkout

/// What one client wants of one order, and what it has been told so far, through every life of the node.
final class Story: Sendable {
    let key: UInt8
    let customer: CustomerID
    let items: [(SKU, Int64)]
    /// What the client does once it has been told that the order is paid, or may be.
    let later: [Order.Command]
    /// Whether every request is sent twice at once.
    let isImpatient: Bool

    struct Answer: Hashable, Sendable {
        let order: OrderID
        let first: FirstAnswer

        /// Whether the request may be tried again under its key.
        var leavesOpen: Bool { if case .rejected(let rejection) = first { !rejection.isFinal } else { false } }
    }

    private struct State {
        var answers: Set<Answer> = []
        var acknowledged = 0
        /// Steps that were refused for now: each is asked for again under a key of its own.
        var refusals: UInt16 = 0
        var problems: [String] = []
    }
    private let state = Mutex(State())

    var answers: Set<Answer> { state.withLock(\.answers) }
    /// How many of the later steps were answered.
    var acknowledged: Int { state.withLock(\.acknowledged) }
    var problems: [String] { state.withLock(\.problems) }

    init(key: UInt8, in world: World, random: inout SplitMix) {
        self.key = key
        customer = world.customer(UInt64(random.below(3)) + 1, on: random.below(4))
        items = (0..<(1 + random.below(3))).map { _ in
            let number = random.below(4)
            // The last costs nothing.
            return (world.sku(String("ABCF".dropFirst(number).first!), on: number), Int64(1 + random.below(4)))
        }
        let part = RefundItem(sku: items[0].0, quantity: 1)
        later = switch random.below(8) {
        case 0, 1: [.cancel(reason: nil)]
        case 2: [.refund(reason: nil, restock: false)]
        case 3: [.ship(tracking: "T"), .refund(reason: nil, restock: random.below(2) == 0)]
        case 4: [.ship(tracking: nil), .deliver]
        case 5: [.refundPart(.items([part]), reason: nil), .refundPart(.amount(100), reason: nil), .cancel(reason: nil)]
        case 6:
            [
                .ship(tracking: "T"), .refundPart(.amount(100), reason: nil),
                .refundPart(.items([part, part]), reason: nil), .refund(reason: nil, restock: random.below(2) == 0),
            ]
        default: []
        }
        isImpatient = random.below(4) == 0
    }

    /// Goes on until everything has been answered, or the node is dead.
    func pursue(on node: Node) async {
        guard let order = await place(on: node) else { return }
        for (position, command) in later.enumerated() {
            guard await take(command, order, position, on: node) else { return }
            state.withLock { $0.acknowledged = max($0.acknowledged, position + 1) }
        }
    }

    private func place(on node: Node) async -> OrderID? {
        let request = node.request(items, by: customer, key: key)
        while !node.life.isOver {
            async let twin: Answer? = isImpatient ? ask(request, of: node) : nil
            let answer = await ask(request, of: node)
            _ = await twin
            if let answer, !answer.leavesOpen {
                return answer.first == .paid || answer.first == .pending ? answer.order : nil
            }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return nil
    }

    private func ask(_ request: OrderRequest, of node: Node) async -> Answer? {
        do throws(CheckoutFailure) {
            let order = try await node.checkout.place(request).state
            guard let first = order.firstAnswer else {
                state.withLock { $0.problems.append("\(order.id) was answered without an answer") }
                return nil
            }
            let answer = Answer(order: order.id, first: first)
            state.withLock { _ = $0.answers.insert(answer) }
            return answer
        } catch {
            switch error {
            // The customer's other orders are decided first; the request is sent again.
            case .refused(.tooManyUndecided): break
            case .refused: state.withLock { $0.problems.append("key \(key) was refused: \(error)") }
            default: break
            }
            return nil
        }
    }

    /// Whether the step was answered.
    private func take(_ command: Order.Command, _ id: OrderID, _ position: Int, on node: Node) async -> Bool {
        while !node.life.isOver {
            // Keys of orders have one byte again and again.
            let refusals = state.withLock(\.refusals)
            let digest = Digest256(
                [UInt8](repeating: key, count: 29)
                    + [UInt8(255 - position), UInt8(refusals >> 8), UInt8(truncatingIfNeeded: refusals)])!
            let stepKey = StepKey(id: IdempotencyKeyID(slot: id.slot, digest: digest), fingerprint: digest)
            do throws(ExecutionFailure) {
                let changed = try await node.checkout.change(
                    ChangeOrder(id, command, of: customer, key: stepKey), by: customer)
                switch changed {
                case .success: return true
                case .failure(.notFound):
                    state.withLock { $0.problems.append("\(id) was answered and is gone") }
                    return false
                case .failure(.order(.illegalTransition(.paid, _))), .failure(.order(.paymentInProgress)):
                    state.withLock { $0.refusals &+= 1 }
                case .failure: return false
                }
            } catch {
                // It may have happened. The client asks again.
            }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return false
    }
}

/// What the logs say about orders, worked out without the stock.
struct Audit {
    private(set) var orders: [OrderID] = []
    /// What orders took out of the stock, less what came back.
    private(set) var taken: [SKU: Int64] = [:]

    init(_ shards: ShardMap) throws {
        for shard in shards.shards {
            var states: [OrderID: Order] = [:]
            for record in try shard.journal.records(from: LogIndex(1), countMax: .max, bytesMax: .max) {
                for entry in try RecordBody(record.bytes).entries where entry.kind == Order.kind {
                    let id = try #require(OrderID(encoded: entry.id))
                    if states[id] == nil { orders.append(id) }
                    for bytes in entry.events {
                        let event = try Order.decodeEvent(bytes)
                        states[id, default: Order(id: id)].apply(event)
                        note(event, states[id]!)
                    }
                }
            }
        }
    }

    private mutating func note(_ event: Order.Event, _ order: Order) {
        switch event {
        case .fulfilled: for hold in order.holds { taken[hold.sku, default: 0] += hold.units.rawValue }
        case .cancelled(_, _, restock: true, _), .refundRequested(_, restock: true, _):
            for hold in order.holdsLeft { taken[hold.sku, default: 0] -= hold.units.rawValue }
        case .partRefundRequested(_, let lines, _, _):
            for line in lines where line.restock {
                taken[order.lines[line.line].sku, default: 0] -= line.quantity.rawValue
            }
        default: return
        }
    }
}
