import Cluster
import Consensus
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The links of one node: frames of bytes to and from its peers, over TCP and mutual TLS.
///
///     let transport = try Transport(configuration, logger: logger)
///     transport.receive(on: .calls) { peer, frame in … }
///     try await transport.run()       // until it is cancelled
///
/// Each stream of each peer has a connection of its own. All of them share one thread of their own, so that a heartbeat
/// waits for no work of the gateway.
public final class Transport: PeerLinks {
    typealias Receiver = @Sendable (NodeID, [UInt8]) -> Void
    typealias Observer = @Sendable (NodeID, PeerStream, Bool) -> Void
    typealias RefusalObserver = @Sendable (NodeID, LinkRefusal) -> Void
    public typealias Recogniser = @Sendable (NodeID, UInt64) -> Bool

    struct Key: Hashable {
        let peer: NodeID
        let stream: PeerStream
    }

    private struct Entry {
        let link: PeerLink
        /// While the transport runs, and where this node connects.
        var dialer: Dialer?
    }

    private struct State {
        var addresses: [NodeID: PeerAddress] = [:]
        /// Nodes that have left the cluster: they are told so.
        var removed: Set<NodeID> = []
        var entries: [Key: Entry] = [:]
        var receivers: [PeerStream: Receiver] = [:]
        var observers: [Observer] = []
        var refusalObservers: [RefusalObserver] = []
        /// What this node's disk is known by.
        var disk: UInt64 = 0
        var recognise: Recogniser = { _, _ in true }
        /// While the transport runs.
        var loop: (any EventLoop)?
        var port: Int?
        var strangers = 0
        var refusals: UInt64 = 0
    }

    let configuration: TransportConfiguration
    /// Which versions of a cluster the peers read.
    public let versions = PeerVersions()
    let credentials: Credentials
    let log: LinkLog
    private let logger: Logger
    private let state = Mutex(State())

    /// - Throws: when the files of the certificate cannot be used.
    public init(_ configuration: TransportConfiguration, logger: Logger) throws(CertificateProblem) {
        configuration.limits.validate()
        self.configuration = configuration
        self.logger = logger
        log = LinkLog(logger)
        credentials = try Credentials(configuration.certificates)
        setPeers(configuration.peers)
    }

    // MARK: - Running

    /// The port that the node listens on, once it does.
    public var listeningPort: Int? { state.withLock(\.port) }

    /// Listens and connects until the task is cancelled; then every connection ends.
    ///
    /// - Throws: when the address cannot be listened on.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        do {
            let server = try await listen(on: loop)
            begin(on: loop, port: server.localAddress?.port)
            var isolation = Isolation()
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                reloadCertificates(isForced: false)
                if isolation.lasts(links) { inquire(on: loop) }
            }
            end(on: loop)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try? await group.shutdownGracefully()
    }

    private func listen(on loop: any EventLoop) async throws -> any Channel {
        try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: configuration.limits.waterMark)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    // Asked for anew by each connection: the certificate may have been renewed.
                    let encryption = NIOSSLServerHandler(context: credentials.server)
                    let connection = Connection(self, of: nil, encryption: encryption)
                    try channel.pipeline.syncOperations.addHandlers(encryption, connection)
                }
            }
            .bind(host: configuration.listen.host, port: configuration.listen.port).get()
    }

    private func begin(on loop: any EventLoop, port: Int?) {
        let dialers = state.withLock { state in
            state.loop = loop
            state.port = port
            return makeDialers(&state)
        }
        for dialer in dialers { loop.execute { dialer.dial() } }
    }

    /// For links that have none and where this node connects.
    private func makeDialers(_ state: inout State) -> [Dialer] {
        guard let loop = state.loop else { return [] }
        var dialers: [Dialer] = []
        for (key, entry) in state.entries where entry.dialer == nil && configuration.node < key.peer {
            let dialer = Dialer(entry.link, self, on: loop)
            state.entries[key]!.dialer = dialer
            dialers.append(dialer)
        }
        return dialers
    }

    private func end(on loop: any EventLoop) {
        let entries = state.withLock { state in
            (state.loop, state.port) = (nil, nil)
            defer { state.entries = [:] }
            return Array(state.entries.values)
        }
        leave(entries, on: loop)
    }

    private func leave(_ entries: [Entry], on loop: any EventLoop) {
        loop.execute { [self] in
            for entry in entries {
                entry.dialer?.stop()
                if isRemoved(entry.link.peer) {
                    entry.link.connection?.refuse(.removed)
                } else {
                    entry.link.connection?.end("this node ends it")
                }
            }
        }
    }

    /// Asks the nodes that should connect to this one, and do not, why not: they say so to a node that was removed.
    private func inquire(on loop: any EventLoop) {
        let entries = state.withLock { state in
            state.entries.filter { $0.key.stream == .consensus && $0.value.dialer == nil }.map(\.value)
        }
        for entry in entries { loop.execute { Dialer(entry.link, self, on: loop, asksOnce: true).dial() } }
    }

    // MARK: - Peers

    /// The other nodes from now on: links to those that are named no more end, addresses hold from the next attempt on.
    ///
    /// - Parameter removed: nodes that have left the cluster, and are told so when they come.
    public func setPeers(_ peers: [NodeID: PeerAddress], removed: Set<NodeID> = []) {
        let peers = peers.filter { $0.key != configuration.node }
        let (gone, dialers, loop) = state.withLock { state in
            state.addresses = peers
            state.removed = removed
            let gone = state.entries.filter { peers[$0.key.peer] == nil }
            for key in gone.keys { state.entries[key] = nil }
            for peer in peers.keys {
                for stream in PeerStream.allCases where state.entries[Key(peer: peer, stream: stream)] == nil {
                    let link = PeerLink(peer: peer, stream: stream, limits: configuration.limits)
                    state.entries[Key(peer: peer, stream: stream)] = Entry(link: link)
                }
            }
            return (Array(gone.values), makeDialers(&state), state.loop)
        }
        guard let loop else { return }
        leave(gone, on: loop)
        for dialer in dialers { loop.execute { dialer.dial() } }
    }

    func address(of peer: NodeID) -> PeerAddress? { state.withLock { $0.addresses[peer] } }

    func isRemoved(_ node: NodeID) -> Bool { state.withLock { $0.removed.contains(node) } }

    /// Tells peers what this node's disk is known by, and turns away those whose disk is not the one that they had.
    /// To be called before it runs.
    ///
    /// - Parameter recognise: whether a peer's disk is the one that it had; called on the connections' thread, for each
    ///   connection once.
    public func knowDisks(own: UInt64, recognise: @escaping Recogniser) {
        state.withLock { ($0.disk, $0.recognise) = (own, recognise) }
    }

    func recognises(_ other: Greeting) -> Bool {
        let recognise = state.withLock(\.recognise)
        return recognise(other.sender, other.disk)
    }

    /// Nil for a node that is none of the peers.
    func link(to peer: NodeID, on stream: PeerStream) -> PeerLink? {
        state.withLock { $0.entries[Key(peer: peer, stream: stream)]?.link }
    }

    func greeting(to peer: NodeID, on stream: PeerStream) -> Greeting {
        Greeting(
            cluster: configuration.cluster, sender: configuration.node, receiver: peer, stream: stream,
            stepTable: configuration.stepTable, disk: state.withLock(\.disk), newest: configuration.newestVersion)
    }

    // MARK: - Certificates

    /// Reads the certificate's files again, whatever they look like. It is done by itself when they change.
    public func reloadCertificates() { reloadCertificates(isForced: true) }

    private func reloadCertificates(isForced: Bool) {
        switch credentials.renew(isForced: isForced) {
        case .unchanged: break
        case .renewed: logger.info("The certificate between nodes is renewed")
        case .refused(let problem):
            logger.error(
                "The new certificate between nodes cannot be used; the one before stays",
                metadata: ["error": "\(problem)"])
        }
    }

    // MARK: - What connections ask and tell

    public func receive(on stream: PeerStream, _ take: @escaping @Sendable (NodeID, [UInt8]) -> Void) {
        state.withLock { $0.receivers[stream] = take }
    }

    public func observe(_ change: @escaping @Sendable (NodeID, PeerStream, Bool) -> Void) {
        state.withLock { $0.observers.append(change) }
    }

    /// Adds one that is told whenever a peer turns this node away, and why. Called on the connections' thread, it must
    /// not block.
    public func observeRefusals(_ tell: @escaping @Sendable (NodeID, LinkRefusal) -> Void) {
        state.withLock { $0.refusalObservers.append(tell) }
    }

    func tell(_ peer: NodeID, refuses reason: LinkRefusal) {
        for observer in state.withLock(\.refusalObservers) { observer(peer, reason) }
    }

    func receiver(of stream: PeerStream) -> Receiver? { state.withLock { $0.receivers[stream] } }

    func tell(_ link: PeerLink, isConnected: Bool) {
        for observer in state.withLock(\.observers) { observer(link.peer, link.stream, isConnected) }
    }

    /// A connection has come that has not said who it is.
    ///
    /// - Returns: false when there are too many.
    func takeStranger() -> Bool {
        state.withLock { state in
            guard state.strangers < configuration.limits.strangersMax else { return false }
            state.strangers += 1
            return true
        }
    }

    func leaveStranger() { state.withLock { $0.strangers -= 1 } }

    func countRefusal() { state.withLock { $0.refusals += 1 } }

    // MARK: - For operators

    /// Connections that this node has turned away, or broken off, since it began.
    public var refusals: UInt64 { state.withLock(\.refusals) }

    /// All links, by peer and stream.
    public var links: [LinkStatus] {
        let links = state.withLock { $0.entries.values.map(\.link) }
        return links.sorted { ($0.peer, $0.stream.rawValue) < ($1.peer, $1.stream.rawValue) }.map { link in
            LinkStatus(
                peer: link.peer, stream: link.stream, isConnected: link.generation != nil, counts: link.counts)
        }
    }
}
