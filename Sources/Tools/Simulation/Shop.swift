import ActorSystem
import Checkout
import Consensus
import EventSourcing

/// What a simulated node serves to those who call it: the real checkout on the node's shards. Calls for a shard that
/// another node leads go there over the simulated network.
public struct SimulatedShop: Sendable {
    public let node: NodeID
    public let shards: ShardMap
    public let checkout: Checkout
    /// The node's wall clock, which may be wrong.
    public let clock: @Sendable () -> Timestamp

    public init(node: NodeID, shards: ShardMap, checkout: Checkout, clock: @escaping @Sendable () -> Timestamp) {
        self.node = node
        self.shards = shards
        self.checkout = checkout
        self.clock = clock
    }
}

/// What a client learns of a request.
public enum Reply<Answer: Sendable>: Sendable {
    case answered(Answer)
    /// The node answered with this error: an `ExecutionFailure`, a `CheckoutFailure`, whatever `body` threw.
    case failed(any Error)
    /// No answer came in time. Whether the request was carried out is unknown.
    case lost
}

/// Where the shop's payments go. One object of a run; it outlives the nodes.
public protocol SimulatedPayments: AnyObject {
    /// The provider as one life of a node reaches it, without breaker and retries: the node puts its own in front.
    func connection(of node: NodeID, life: Life) -> any PaymentProvider
}

/// What the clients of a run do.
public protocol SimulatedWorkload: AnyObject {
    /// Called once, before the first event. Clients are tasks of `world.outside`: `world.outside.spawn { … }`, and wait
    /// with `world.outside.sleep(for:)`.
    func start(in world: World)

    /// Whether every client has come to its end. Phase two requires it.
    var isDone: Bool { get }
}

/// Everything is paid at once: the provider of a run that has none of its own.
final class HonestPayments: SimulatedPayments {
    private let provider = InProcessPaymentProvider(firstNumber: 0)
    func connection(of node: NodeID, life: Life) -> any PaymentProvider { provider }
}
