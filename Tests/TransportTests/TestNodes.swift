import Cluster
import Consensus
import Foundation
import Logging
import NodeCertificates
import Synchronization
import Testing

@testable import Transport

/// The certificates of one test's nodes, in a directory that goes with it.
final class TestAuthority: Sendable {
    let directory: String

    init(nodes: [UInt64] = [1, 2, 3]) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "transport-\(UUID())").path
        try NodeCertificates.create(in: directory, nodes: nodes)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func files(ofNode node: UInt64) -> CertificateFiles {
        CertificateFiles(
            authority: NodeCertificates.authorityFile(in: directory),
            certificate: NodeCertificates.certificateFile(ofNode: node, in: directory),
            key: NodeCertificates.keyFile(ofNode: node, in: directory))
    }
}

/// One node's end, on a free port of the loopback interface, and everything that it was told.
final class TestNode: Sendable {
    struct Heard: Hashable {
        let peer: UInt64
        let stream: PeerStream
        let frame: [UInt8]
    }

    struct Change: Hashable {
        let peer: UInt64
        let stream: PeerStream
        let isConnected: Bool
    }

    let id: UInt64
    let transport: Transport
    let log = TestLog()
    private let content = Mutex((heard: [Heard](), changes: [Change]()))

    init(
        _ id: UInt64, _ authority: TestAuthority, cluster: UInt64 = 7, port: Int = 0,
        certificateOf other: UInt64? = nil, newestVersion: UInt16 = 1,
        limits: TransportLimits = .ofTests
    ) throws {
        self.id = id
        let configuration = TransportConfiguration(
            node: NodeID(id), cluster: cluster, listen: PeerAddress(host: "127.0.0.1", port: port),
            certificates: authority.files(ofNode: other ?? id), nameOfNode: { NodeName.ofNode($0.rawValue) },
            newestVersion: newestVersion, limits: limits)
        let log = log
        transport = try Transport(configuration, logger: Logger(label: "node-\(id)") { _ in log.handler })
        for stream in PeerStream.allCases {
            transport.receive(on: stream) { [weak self] peer, frame in
                let heard = Heard(peer: peer.rawValue, stream: stream, frame: frame)
                self?.content.withLock { $0.heard.append(heard) }
            }
        }
        transport.observe { [weak self] peer, stream, isConnected in
            let change = Change(peer: peer.rawValue, stream: stream, isConnected: isConnected)
            self?.content.withLock { $0.changes.append(change) }
        }
    }

    var changes: [Change] { content.withLock(\.changes) }

    func heard(from peer: UInt64, on stream: PeerStream) -> [[UInt8]] {
        content.withLock(\.heard).filter { $0.peer == peer && $0.stream == stream }.map(\.frame)
    }

    func isConnected(to peer: UInt64) -> Bool {
        transport.links.filter { $0.peer == NodeID(peer) && $0.isConnected }.count == PeerStream.allCases.count
    }

    var address: PeerAddress {
        get async throws {
            try await eventually("node \(self.id) listens") { self.transport.listeningPort != nil }
            return PeerAddress(host: "127.0.0.1", port: try #require(transport.listeningPort))
        }
    }

    /// Runs these nodes, each of which knows the others, until `body` ends.
    static func run(
        _ nodes: [TestNode], _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { try await node.transport.run() } }
            try await introduce(nodes)
            do {
                try await body()
            } catch {
                for node in nodes { print(node.id, node.log.text) }
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    static func introduce(_ nodes: [TestNode]) async throws {
        var addresses: [NodeID: PeerAddress] = [:]
        for node in nodes { addresses[NodeID(node.id)] = try await node.address }
        for node in nodes { node.transport.setPeers(addresses) }
    }
}

extension TransportLimits {
    /// No peer passes for silent because the machine is busy.
    static var ofTests: TransportLimits {
        var limits = TransportLimits()
        limits.tick = .milliseconds(200)
        limits.silentTicksMax = 100
        limits.handshakeTicksMax = 100
        return limits
    }
}

/// Waits for a state. What takes longer than this does not come.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while try !condition() {
        guard clock.now < end else {
            Issue.record("it never came that \(what)")
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// What a node has logged.
final class TestLog: Sendable {
    private let lines = Mutex<[String]>([])

    var handler: any LogHandler { Handler(log: self) }

    func holds(_ texts: String...) -> Bool {
        lines.withLock { lines in lines.contains { line in texts.allSatisfy { line.contains($0) } } }
    }

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            log.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
