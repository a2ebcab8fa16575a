import Consensus
import Synchronization

extension World {
    /// The longest and the shortest way of a client's request through the simulated network.
    private static let clientDelay = (Duration.microseconds(200), Duration.milliseconds(5))

    /// Sends a request to a node and waits for the answer. For tasks of `outside`.
    ///
    /// Request and answer may be lost. The node may be down, or die on the way; it may not lead the shard that is meant
    /// and then passes the call on.
    ///
    /// - Parameters:
    ///   - node: one of `members`.
    ///   - body: runs on the node, as a task of its present life.
    public func request<Answer: Sendable>(
        _ node: NodeID, timeout: Duration, _ body: @escaping @Sendable (SimulatedShop) async throws -> Answer
    ) async -> Reply<Answer> {
        let box = AnswerBox(Reply<Answer>.lost)
        let isAnswered = await outside.wait { number in
            self.plan(after: timeout, "client timeout", number) { self.outside.finish(number, with: false) }
            guard !self.strikes(.loss) else { return }
            self.plan(after: self.clientDelay(), "request", node.rawValue) {
                guard let (life, shop) = self.service(of: node) else { return }
                self.node(node)?.act {
                    life.spawn {
                        let reply: Reply<Answer>
                        do {
                            reply = .answered(try await body(shop))
                        } catch {
                            reply = .failed(error)
                        }
                        guard !life.isOver, !self.strikes(.loss) else { return }
                        self.plan(after: self.clientDelay(), "answer", node.rawValue) {
                            box.answer = reply
                            self.outside.finish(number, with: true)
                        }
                    }
                }
            }
        }
        return isAnswered ? box.answer : .lost
    }

    private func clientDelay() -> Duration { random.duration(Self.clientDelay.0, Self.clientDelay.1) }

    /// The nodes that clients know, in ascending order: down ones too.
    public var members: [NodeID] { nodes.filter { !$0.isRemoved }.map(\.id) }

    /// What a node serves; nil while it is down.
    func service(of node: NodeID) -> (life: Life, shop: SimulatedShop)? {
        guard let process = process(of: node), process.isServing else { return nil }
        return (process.life, process.shop)
    }
}

/// Where an answer waits for the client that asked.
final class AnswerBox<Answer>: @unchecked Sendable {
    // One thread: the world's.
    var answer: Answer

    /// - Parameter answer: what is said if none comes.
    init(_ answer: Answer) { self.answer = answer }
}
