import Foundation
import NIOCore
import NIOPosix

/// The network between the nodes of a cluster on this machine. Each pair of nodes has a relay, which the node that
/// connects takes for its peer: it passes on what comes, holds it back, is slow, or breaks connections off.
///
/// What is held back arrives when the way is open again, as TCP sends again what a network has lost.
final class NodeNetwork: @unchecked Sendable {
    // What changes is touched on the event loop alone.
    let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any()
    private static let host = "127.0.0.1"

    /// What one node sends to another goes one way; what it hears comes the other.
    struct Way: Hashable, Sendable {
        let from: Int
        let to: Int
    }

    /// What is wrong with a way.
    enum Condition: Sendable {
        /// Nothing passes, the end of a connection included; what is sent waits.
        case cut
        /// Each piece takes so many milliseconds more.
        case slow(ClosedRange<Int64>)
        /// Of a hundred pieces so many are lost. TCP sends each again after its shortest timeout.
        case lossy(percent: Int)
        /// Connections are broken off, and none is taken.
        case refusing
    }

    /// Milliseconds after which Linux sends a lost segment again, at the earliest.
    private static let resendAfter: Int64 = 200

    /// Where each node listens for the others.
    private let ports: [Int: Int]
    private var relays: [Way: any Channel] = [:]
    private var conditions: [Way: Condition] = [:]
    private var ends: [RelayEnd] = []

    /// - Parameter ports: where each node listens for the others, by its id.
    static func between(_ ports: [Int: Int]) async throws -> NodeNetwork {
        let network = NodeNetwork(ports)
        for way in network.ways where way.from < way.to {
            let relay = try await network.listen(on: way).get()
            try await network.loop.submit { network.relays[way] = relay }.get()
        }
        return network
    }

    private init(_ ports: [Int: Int]) { self.ports = ports }

    var ways: [Way] {
        ports.keys.flatMap { from in ports.keys.filter { $0 != from }.map { Way(from: from, to: $0) } }
    }

    /// What a node is told of the members. Of two nodes the one with the lower id connects.
    func members(of node: Int) async throws -> String {
        try await loop.submit { [self] in
            ports.keys.sorted().map { id in
                let relay = relays[Way(from: node, to: id)]?.localAddress?.port
                return "\(id)=\(Self.host):\(relay ?? ports[id]!)"
            }.joined(separator: ",")
        }.get()
    }

    // MARK: - Faults

    /// Spoils ways, or mends them.
    func set(_ condition: Condition?, on ways: [Way]) async throws {
        try await loop.submit { [self] in
            for way in ways { conditions[way] = condition }
            if case .refusing = condition {
                for end in ends where ways.contains(end.way) { end.breakOff() }
            }
            for end in ends { end.proceed() }
        }.get()
    }

    func mend() async throws { try await set(nil, on: ways) }

    /// The ways between a node and all others, in both directions.
    func ways(of node: Int) -> [Way] { ways.filter { $0.from == node || $0.to == node } }

    func close() async throws {
        try await loop.submit { [self] in
            for relay in relays.values { relay.close(promise: nil) }
            for end in ends { end.breakOff() }
            (relays, ends) = ([:], [])
        }.get()
    }

    // MARK: - Relays

    /// Whether anything passes now.
    func isOpen(_ way: Way) -> Bool {
        if case .cut = conditions[way] { false } else { true }
    }

    func delay(of way: Way) -> TimeAmount {
        switch conditions[way] {
        case .slow(let milliseconds): return .milliseconds(.random(in: milliseconds))
        case .lossy(let percent):
            var delay: Int64 = 0
            var timeout = Self.resendAfter
            while Int.random(in: 0..<100) < percent {
                delay += timeout
                timeout *= 2
            }
            return .milliseconds(delay)
        case .cut, .refusing, nil: return .zero
        }
    }

    private func listen(on way: Way) -> EventLoopFuture<any Channel> {
        ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { near in self.join(near, on: way) }
            .bind(host: Self.host, port: 0)
    }

    /// Connects the end at the node that has connected with one at its peer.
    private func join(_ near: any Channel, on way: Way) -> EventLoopFuture<Void> {
        if case .refusing = conditions[way] { return near.close() }
        let there = RelayEnd(way, self)
        let back = RelayEnd(Way(from: way.to, to: way.from), self)
        return near.pipeline.addHandler(there).flatMap { [self] in
            ClientBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { $0.pipeline.addHandler(back) }
                .connect(host: Self.host, port: ports[way.to]!)
        }.map { [self] far in
            ends.removeAll(where: \.isOver)
            ends += [there, back]
            there.join(far)
            back.join(near)
        }
    }
}
