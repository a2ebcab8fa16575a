import Cluster
import Consensus
import DequeModule
import EventSourcing

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
    private var parcels: [(link: Link, items: [Item])] = []

    struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    private struct LinkState {
        var isCut = false
        /// When the last parcel arrives: the next does not overtake it.
        var busyUntil: Int64 = 0
    }

    private struct Item {
        let message: Message
        let group: GroupID
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
    func isCut(from: NodeID, to: NodeID) -> Bool { links[Link(from: from, to: to)]?.isCut ?? false }

    // MARK: - Messages

    fileprivate func send(_ message: Message, of group: GroupID, from node: NodeID) {
        let link = Link(from: node, to: message.to)
        let item = Item(message: message, group: group)
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
            transmit(parcel.link, parcel.items)
            if world.strikes(.duplication) { transmit(parcel.link, parcel.items) }
        }
    }

    private func transmit(_ link: Link, _ items: [Item]) {
        guard !world.strikes(.loss) else { return }
        let detail = link.from.rawValue << 32 | link.to.rawValue << 16 | UInt64(items.count)
        plan(on: link, "deliver", detail) { [self] in
            guard !isCut(from: link.from, to: link.to), let endpoint = endpoints[link.to] else { return }
            for item in items {
                world.comment("\(item.group.rawValue): \(item.message.summary)")
                endpoint.handler?(.message(item.message, group: item.group))
            }
        }
    }

    private func returnToSender(_ link: Link, _ items: [Item]) {
        var groups: [GroupID] = []
        for item in items where !groups.contains(item.group) { groups.append(item.group) }
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
