import Cluster
import Consensus
import DequeModule
import EventSourcing
import LogFormat

/// The links between the nodes of a run, and what goes wrong on them.
final class SimulatedNetwork {
    /// The fastest that anything arrives, and the slowest without a fault.
    private static let delay = (Duration.microseconds(100), Duration.milliseconds(2))
    /// A late parcel, with `.delay`.
    private static let lateDelay = (Duration.milliseconds(5), Duration.milliseconds(600))

    private unowned let world: World
    private var links: [Link: LinkState] = [:]
    private var endpoints: [NodeID: SimulatedPeerNetwork] = [:]
    /// What leaves together: everything of one event from one node to another.
    private var parcels: [(link: Link, items: [ShardMessage])] = []

    struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    private struct LinkState {
        var isCut = false
        /// When the last parcel arrives: the next does not overtake it.
        var busyUntil: Int64 = 0
    }

    init(world: World) { self.world = world }

    func endpoint(_ node: NodeID) -> SimulatedPeerNetwork {
        let endpoint = SimulatedPeerNetwork(node: node, network: self)
        endpoints[node] = endpoint
        return endpoint
    }

    // MARK: - Cuts

    func setCut(_ isCut: Bool, from: NodeID, to: NodeID) {
        links[Link(from: from, to: to), default: LinkState()].isCut = isCut
    }
    func mendAll() { for link in links.keys { links[link]!.isCut = false } }
    func isCut(from: NodeID, to: NodeID) -> Bool {
        links[Link(from: from, to: to)]?.isCut ?? false || areTurnedAway(from, to)
    }

    /// Whether one of two nodes is further than the program of the other: there is no connection between them.
    private func areTurnedAway(_ one: NodeID, _ other: NodeID) -> Bool {
        guard let one = world.process(of: one), let other = world.process(of: other) else { return false }
        return one.gate.version > other.node.program || other.gate.version > one.node.program
    }

    // MARK: - Messages

    fileprivate func send(_ message: Message, of group: GroupID, from node: NodeID) {
        let link = Link(from: node, to: message.to)
        let item = ShardMessage(shard: ShardID(group.rawValue), message: message)
        if let position = parcels.lastIndex(where: { $0.link == link }) {
            parcels[position].items.append(item)
        } else {
            parcels.append((link, [item]))
        }
    }

    /// Sends off what the present event has brought up.
    func dispatch() {
        guard !parcels.isEmpty else { return }
        let leaving = parcels
        parcels = []
        for parcel in leaving {
            let isReachable = endpoints[parcel.link.to] != nil && !isCut(from: parcel.link.from, to: parcel.link.to)
            guard isReachable else {
                returnToSender(parcel.link, parcel.items)
                continue
            }
            for frame in Frame(peer: parcel.link.to, messages: parcel.items).split() {
                transmit(parcel.link, frame)
                if world.strikes(.duplication) { transmit(parcel.link, frame) }
            }
        }
    }

    /// The bytes are made at this end and read at the other, as between real nodes.
    private func transmit(_ link: Link, _ frame: Frame) {
        guard !world.strikes(.loss) else { return }
        let detail = link.from.rawValue << 32 | link.to.rawValue << 16 | UInt64(frame.messages.count)
        let bytes = frame.encoded()
        plan(on: link, "deliver", detail) { [self] in
            guard !isCut(from: link.from, to: link.to), let endpoint = endpoints[link.to] else { return }
            deliver(bytes, on: link, to: endpoint)
        }
    }

    private func deliver(_ bytes: [UInt8], on link: Link, to endpoint: SimulatedPeerNetwork) {
        let frame: Frame
        do throws(FormatDamage) {
            frame = world.mistaken(try Frame(decoding: bytes, from: link.from))
        } catch {
            return world.violate("node \(link.to) cannot read a frame of node \(link.from): \(error.reason)")
        }
        if let sender = world.node(link.from) { world.process(of: link.to)?.hear(sender) }
        for item in frame.messages {
            world.comment("\(item.shard): \(item.message.summary)")
            endpoint.handler?(.message(item.message, group: GroupID(item.shard.rawValue)))
        }
    }

    private func returnToSender(_ link: Link, _ items: [ShardMessage]) {
        var groups: [GroupID] = []
        for group in items.map({ GroupID($0.shard.rawValue) }) where !groups.contains(group) { groups.append(group) }
        world.plan(after: Self.delay.1, "unreachable", link.from.rawValue << 32 | link.to.rawValue) { [self] in
            for group in groups { endpoints[link.from]?.handler?(.unreachable(link.to, group: group)) }
        }
    }

    /// Lets `body` happen when what leaves now arrives, after what left before, unless something overtakes.
    private func plan(on link: Link, _ label: StaticString, _ detail: UInt64, _ body: @escaping () -> Void) {
        let late = world.strikes(.delay, rate: 0.2)
        let range = late ? Self.lateDelay : Self.delay
        var moment = world.now + world.random.duration(range.0, range.1).microseconds
        if !world.strikes(.reordering) {
            moment = max(moment, links[link]?.busyUntil ?? 0)
            links[link, default: LinkState()].busyUntil = moment
        }
        world.plan(after: .microseconds(moment - world.now), label, detail, body)
    }

    // MARK: - Calls and bytes

    /// Carries something that is no message of consensus: a call, its answer, a piece of a snapshot.
    ///
    /// - Returns: false when it is lost.
    func carry(
        from: NodeID, to: NodeID, _ label: StaticString, _ detail: UInt64 = 0, _ arrive: @escaping () -> Void
    ) -> Bool {
        guard !isCut(from: from, to: to), !world.strikes(.loss) else { return false }
        plan(on: Link(from: from, to: to), label, from.rawValue << 32 | to.rawValue << 16 | detail & 0xffff, arrive)
        return true
    }
}

/// One node's end of the simulated network.
final class SimulatedPeerNetwork: PeerNetwork {
    let node: NodeID
    private unowned let network: SimulatedNetwork
    fileprivate private(set) var handler: ((PeerEvent) -> Void)?

    fileprivate init(node: NodeID, network: SimulatedNetwork) {
        self.node = node
        self.network = network
    }

    func send(_ messages: [Message], of group: GroupID) {
        for message in messages { network.send(message, of: group, from: node) }
    }

    func receive(_ handler: @escaping @Sendable (PeerEvent) -> Void) { self.handler = handler }

    /// The node is down: what arrives is lost.
    func disconnect() { handler = nil }
}

extension Message {
    /// One line for a trace.
    fileprivate var summary: String {
        let content =
            switch body {
            case .append(let previous, let entries, let commit): "append \(previous) +\(entries.count) commit \(commit)"
            case .installSnapshot(let snapshot): "snapshot \(snapshot.last)"
            default: "\(body)"
            }
        return "\(from) to \(to) in term \(term): \(content)"
    }
}
