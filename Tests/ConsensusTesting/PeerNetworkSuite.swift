import Consensus
import Synchronization
import Testing

/// What every `PeerNetwork` has to do. Self-contained, so that it can be run over any implementation.
public struct PeerNetworkSuite<Network: PeerNetwork> where Network: SendableMetatype {
    /// The links between nodes 1, 2 and 3; node 9 does not exist.
    public struct Links {
        let endpoint: (NodeID) throws -> Network
        /// Cuts, or mends, one direction.
        let setCut: (_ isCut: Bool, _ from: NodeID, _ to: NodeID) throws -> Void
        /// Lets pass what is under way, for a while.
        let settle: () async throws -> Void

        public init(
            endpoint: @escaping (NodeID) throws -> Network, setCut: @escaping (Bool, NodeID, NodeID) throws -> Void,
            settle: @escaping () async throws -> Void
        ) {
            self.endpoint = endpoint
            self.setCut = setCut
            self.settle = settle
        }
    }

    private let make: () throws -> Links
    /// Give up waiting for a state after this many times of letting things settle.
    private let patience = 200

    public init(_ make: @escaping () throws -> Links) { self.make = make }

    /// What one node has heard.
    private final class Inbox: Sendable {
        private let heard = Mutex<[PeerEvent]>([])

        func attach(to network: Network) {
            network.receive { event in self.heard.withLock { $0.append(event) } }
        }

        var events: [PeerEvent] { heard.withLock { $0 } }
        var messages: [Message] { events.compactMap { if case .message(let message, _) = $0 { message } else { nil } } }
    }

    public func runAll() async throws {
        try await messagesArriveInOrder()
        try await nothingReachesAnotherNodeOrGroup()
        try await cutLinksAreReported()
        try await sendingNeverBlocks()
    }

    private let group = GroupID(5)
    private let nodes = [NodeID(1), NodeID(2), NodeID(3)]

    private func message(_ term: UInt64, from: NodeID, to: NodeID, payload: [UInt8] = [1]) -> Message {
        let entry = Entry(id: EntryID(term: Term(term), index: EntryIndex(1)), payload: .record(payload))
        return Message(
            from: from, to: to, term: Term(term), body: .append(previous: .zero, entries: [entry], commit: .zero))
    }

    private func wait(_ links: Links, until condition: () -> Bool) async throws {
        for _ in 0..<patience where !condition() { try await links.settle() }
        #expect(condition(), "the network never came to it")
    }

    func messagesArriveInOrder() async throws {
        let links = try make()
        let (sender, receiver, inbox) = (try links.endpoint(nodes[0]), try links.endpoint(nodes[1]), Inbox())
        inbox.attach(to: receiver)
        #expect(sender.node == nodes[0])
        let sent = (1...50).map {
            message($0, from: nodes[0], to: nodes[1], payload: [UInt8](repeating: 7, count: Int($0) * 50))
        }
        sender.send(Array(sent[..<20]), of: group)
        sender.send(Array(sent[20...]), of: group)
        try await wait(links) { inbox.messages.count >= sent.count }
        #expect(inbox.messages == sent)
    }

    func nothingReachesAnotherNodeOrGroup() async throws {
        let links = try make()
        let endpoints = try nodes.map { try links.endpoint($0) }
        let inboxes = nodes.map { _ in Inbox() }
        for (endpoint, inbox) in zip(endpoints, inboxes) { inbox.attach(to: endpoint) }
        let other = GroupID(6)
        endpoints[0].send(
            [message(1, from: nodes[0], to: nodes[1]), message(2, from: nodes[0], to: nodes[2])], of: group)
        endpoints[2].send([message(3, from: nodes[2], to: nodes[1])], of: other)
        try await wait(links) { inboxes[1].events.count == 2 && inboxes[2].events.count == 1 }
        #expect(inboxes[1].events.contains(.message(message(1, from: nodes[0], to: nodes[1]), group: group)))
        #expect(inboxes[1].events.contains(.message(message(3, from: nodes[2], to: nodes[1]), group: other)))
        #expect(inboxes[2].events == [.message(message(2, from: nodes[0], to: nodes[2]), group: group)])
        #expect(inboxes[0].events.isEmpty)
    }

    func cutLinksAreReported() async throws {
        let links = try make()
        let (sender, receiver) = (try links.endpoint(nodes[0]), try links.endpoint(nodes[1]))
        let (own, theirs) = (Inbox(), Inbox())
        own.attach(to: sender)
        theirs.attach(to: receiver)
        sender.send([message(1, from: nodes[0], to: NodeID(9))], of: group)
        try await wait(links) { own.events.contains(.unreachable(NodeID(9), group: group)) }
        try links.setCut(true, nodes[0], nodes[1])
        sender.send([message(2, from: nodes[0], to: nodes[1])], of: group)
        try await wait(links) { own.events.contains(.unreachable(nodes[1], group: group)) }
        #expect(theirs.events.isEmpty)
        try links.setCut(false, nodes[0], nodes[1])
        // A real link takes a while to come back; what is sent before that is lost.
        try await wait(links) {
            if theirs.messages.isEmpty { sender.send([message(3, from: nodes[0], to: nodes[1])], of: group) }
            return !theirs.messages.isEmpty
        }
    }

    /// Far more than any queue holds: what does not fit is dropped and reported, and what arrives keeps its order.
    func sendingNeverBlocks() async throws {
        let links = try make()
        let (sender, receiver) = (try links.endpoint(nodes[0]), try links.endpoint(nodes[1]))
        let (own, theirs) = (Inbox(), Inbox())
        own.attach(to: sender)
        theirs.attach(to: receiver)
        let sent = (1...30_000).map { message($0, from: nodes[0], to: nodes[1]) }
        sender.send(sent, of: group)
        try await wait(links) {
            theirs.messages.count == sent.count || own.events.contains(.unreachable(nodes[1], group: group))
        }
        try await wait(links) { !theirs.messages.isEmpty }
        let terms = theirs.messages.map(\.term)
        #expect(terms == terms.sorted() && Set(terms).count == terms.count)
    }
}
