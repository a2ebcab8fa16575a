import Cluster
import Consensus
import Synchronization
import Testing

@testable import Transport

@Suite("Connections that are turned away", .timeLimit(.minutes(10)))
struct RefusalTests {
    @Test("are those of another cluster; both ends say so")
    func cluster() async throws {
        let authority = try TestAuthority()
        let nodes = [try TestNode(1, authority, cluster: 7), try TestNode(2, authority, cluster: 8)]
        try await TestNode.run(nodes) {
            try await eventually("both have logged it") {
                nodes[1].log.holds("A connection is refused", "another cluster")
                    && nodes[0].log.holds("turns this node away", "another cluster")
            }
            #expect(nodes[0].changes.isEmpty && nodes[1].changes.isEmpty && nodes[1].transport.refusals > 0)
        }
    }

    @Test("are those whose certificate names another node, on either side", arguments: [1, 2] as [UInt64])
    func name(liar: UInt64) async throws {
        let authority = try TestAuthority()
        let nodes = try [1, 2].map { try TestNode($0, authority, certificateOf: $0 == liar ? 3 : nil) }
        try await TestNode.run(nodes) {
            let (honest, other) = liar == 1 ? (nodes[1], nodes[0]) : (nodes[0], nodes[1])
            try await eventually("both have logged it") {
                honest.log.holds("A connection is refused", "names another node")
                    && other.log.holds("turns this node away", "names another node")
            }
            #expect(honest.changes.isEmpty)
        }
    }

    @Test(
        "are those of a node with another disk than it had; it is told so, whichever end connects",
        arguments: [1, 2] as [UInt64])
    func disk(ofNode node: UInt64) async throws {
        let authority = try TestAuthority()
        let nodes = try [1, 2].map { try TestNode($0, authority) }
        let told = Mutex<Set<LinkRefusal>>([])
        let (known, other) = node == 1 ? (nodes[1], nodes[0]) : (nodes[0], nodes[1])
        other.transport.knowDisks(own: 5) { _, _ in true }
        known.transport.knowDisks(own: 6) { _, disk in disk == 4 }
        other.transport.observeRefusals { _, reason in told.withLock { _ = $0.insert(reason) } }
        try await TestNode.run(nodes) {
            try await eventually("it is told") { told.withLock { $0 == [.disk] } }
            #expect(known.changes.isEmpty && known.log.holds("A connection is refused", "another disk"))
        }
    }

    @Test(
        "are those of a program that does not read the cluster's version; it is told so, whichever end connects",
        arguments: [1, 2] as [UInt64])
    func outdated(node: UInt64) async throws {
        let authority = try TestAuthority()
        let nodes = try [1, 2].map { try TestNode($0, authority, newestVersion: $0 == node ? 2 : 3) }
        let told = Mutex<Set<LinkRefusal>>([])
        let (older, newer) = node == 1 ? (nodes[0], nodes[1]) : (nodes[1], nodes[0])
        newer.transport.versions.require { 3 }
        older.transport.observeRefusals { _, reason in told.withLock { _ = $0.insert(reason) } }
        try await TestNode.run(nodes) {
            try await eventually("it is told") { told.withLock { $0 == [.outdated] } }
            #expect(newer.changes.isEmpty && newer.log.holds("A connection is refused", "older than"))
        }
    }

    @Test("are none of a program that reads the version; what each reads is known")
    func versions() async throws {
        let authority = try TestAuthority()
        let nodes = try [1, 2].map { try TestNode($0, authority, newestVersion: $0 == 1 ? 2 : 3) }
        for node in nodes { node.transport.versions.require { 2 } }
        #expect(nodes[0].transport.versions[NodeID(2)] == nil)
        try await TestNode.run(nodes) {
            try await eventually("they are connected") { nodes[0].isConnected(to: 2) && nodes[1].isConnected(to: 1) }
            #expect(nodes[0].transport.versions[NodeID(2)] == 3)
            #expect(nodes[1].transport.versions[NodeID(1)] == 2)
        }
    }

    @Test("are none of the first programs, which say nothing of a version, in a cluster of theirs")
    func silent() throws {
        let greeting = Greeting.ofTests(newest: 9).encoded()
        #expect(try Greeting(greeting).newest == 9)
        #expect(try Greeting(greeting.dropLast(2)).newest == 1)
        #expect(try Greeting(greeting.dropLast(10)).disk == 0)
        #expect(throws: LinkRefusal.malformed) { try Greeting(greeting.dropLast()) }
    }

    @Test("are those of another authority")
    func authority() async throws {
        let nodes = [try TestNode(1, try TestAuthority()), try TestNode(2, try TestAuthority())]
        try await TestNode.run(nodes) {
            try await eventually("both have logged it") {
                nodes[0].log.holds("A connection was not accepted", "certificate verify failed")
                    && nodes[1].log.holds("A connection was not accepted", "unknown ca")
            }
            #expect(nodes[0].changes.isEmpty && nodes[1].changes.isEmpty)
        }
    }

    /// What node 2 answers to a greeting of a program with the certificate of `node`.
    private func answer(
        to greeting: Greeting, ofNode node: UInt64 = 1, peers: [UInt64] = [1]
    ) async throws -> LinkRefusal? {
        let authority = try TestAuthority()
        let second = try TestNode(2, authority)
        second.transport.setPeers(
            Dictionary(uniqueKeysWithValues: peers.map { (NodeID($0), PeerAddress(host: "127.0.0.1", port: 1)) }))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await second.transport.run() }
            let peer = try await RawPeer(certificates: authority.files(ofNode: node), to: try await second.address)
            peer.send(.greeting, greeting.encoded())
            try await eventually("it is answered") { peer.isGreeted || peer.isClosed }
            if !peer.isGreeted { #expect(second.changes.isEmpty) }
            group.cancelAll()
            return peer.refusal
        }
    }

    @Test("are those of another version, of strangers, and of what connects where it should be connected to")
    func greetings() async throws {
        #expect(try await answer(to: .ofTests()) == nil)
        var greeting = Greeting.ofTests()
        (greeting.version, greeting.oldestVersion) = (9, 8)
        #expect(try await answer(to: greeting) == .version)
        (greeting.version, greeting.oldestVersion) = (9, 1)
        #expect(try await answer(to: greeting) == nil)
        #expect(try await answer(to: .ofTests(receiver: 3)) == .receiver)
        #expect(try await answer(to: .ofTests(), ofNode: 3) == .name)
        #expect(try await answer(to: .ofTests(), peers: [3]) == .stranger)
        #expect(try await answer(to: .ofTests(sender: 3), ofNode: 3, peers: [1, 3]) == .direction)
    }

    @Test("are those of a node that has left: it is told so at once, and when it comes back, whichever end connects",
        arguments: [1, 3] as [UInt64])
    func removed(gone: UInt64) async throws {
        let authority = try TestAuthority()
        let nodes = try [1, 2, 3].map { try TestNode($0, authority) }
        let refusals = Mutex<[UInt64: [LinkRefusal]]>([:])
        for node in nodes {
            node.transport.observeRefusals { _, reason in
                refusals.withLock { $0[node.id, default: []].append(reason) }
            }
        }
        try await TestNode.run(nodes) {
            var addresses: [NodeID: PeerAddress] = [:]
            for node in nodes { addresses[NodeID(node.id)] = try await node.address }
            let lost = nodes[Int(gone) - 1]
            let others = nodes.filter { $0.id != gone }
            try await eventually("all are connected") {
                others.allSatisfy { lost.isConnected(to: $0.id) && $0.isConnected(to: gone) }
            }
            addresses[NodeID(gone)] = nil
            for node in others { node.transport.setPeers(addresses, removed: [NodeID(gone)]) }
            try await eventually("it is told") { refusals.withLock { $0[gone]?.contains(.removed) ?? false } }
            try await eventually("it is connected to none") { others.allSatisfy { !lost.isConnected(to: $0.id) } }
            refusals.withLock { $0 = [:] }
            try await eventually("it is told again") { refusals.withLock { $0[gone]?.contains(.removed) ?? false } }
            #expect(refusals.withLock { Array($0.keys) } == [gone])
            #expect(others[0].isConnected(to: others[1].id))
        }
    }

    @Test("are broken off at a frame with a wrong checksum")
    func checksum() async throws {
        let authority = try TestAuthority()
        let node = try TestNode(2, authority)
        node.transport.setPeers([NodeID(1): PeerAddress(host: "127.0.0.1", port: 1)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.transport.run() }
            let peer = try await RawPeer(certificates: authority.files(ofNode: 1), to: try await node.address)
            peer.send(.greeting, Greeting.ofTests().encoded())
            peer.send(.frame, [1, 2, 3])
            try await eventually("it is heard") { node.heard(from: 1, on: .calls) == [[1, 2, 3]] }
            var damaged = RawPeer.frame(.frame, [4, 5, 6])
            damaged[10] ^= 1
            peer.send(damaged)
            peer.send(.frame, [7])
            try await eventually("it is closed") { peer.isClosed }
            #expect(peer.refusal == .damagedFrame && node.heard(from: 1, on: .calls) == [[1, 2, 3]])
            #expect(node.changes.map(\.isConnected) == [true, false])
            group.cancelAll()
        }
    }

    @Test("are ended when nothing is heard on them, or no greeting comes")
    func silence() async throws {
        let authority = try TestAuthority()
        var limits = TransportLimits.ofTests
        (limits.tick, limits.silentTicksMax, limits.handshakeTicksMax) = (.milliseconds(100), 20, 60)
        let node = try TestNode(2, authority, limits: limits)
        node.transport.setPeers([NodeID(1): PeerAddress(host: "127.0.0.1", port: 1)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.transport.run() }
            let files = authority.files(ofNode: 1)
            let (silent, mute) = (
                try await RawPeer(certificates: files, to: try await node.address),
                try await RawPeer(certificates: files, to: try await node.address)
            )
            silent.send(.greeting, Greeting.ofTests().encoded())
            try await eventually("it is noticed") { silent.isClosed && node.changes.count == 2 }
            #expect(node.changes.map(\.isConnected) == [true, false])
            #expect(node.log.holds("nothing was heard") && silent.frames.contains { $0.kind == .ping })
            try await eventually("the other is noticed") { mute.isClosed }
            group.cancelAll()
        }
    }

    @Test("are given up when the peer connects anew")
    func anew() async throws {
        let authority = try TestAuthority()
        let node = try TestNode(2, authority)
        node.transport.setPeers([NodeID(1): PeerAddress(host: "127.0.0.1", port: 1)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.transport.run() }
            let files = authority.files(ofNode: 1)
            let first = try await RawPeer(certificates: files, to: try await node.address)
            first.send(.greeting, Greeting.ofTests().encoded())
            try await eventually("it is greeted") { first.isGreeted }
            let second = try await RawPeer(certificates: files, to: try await node.address)
            second.send(.greeting, Greeting.ofTests().encoded())
            try await eventually("the first is closed") { first.isClosed && second.isGreeted }
            // On a loaded machine the second has been silent for too long by now, too.
            #expect(node.changes.map(\.isConnected).prefix(3) == [true, false, true])
            group.cancelAll()
        }
    }

    @Test("are too many when strangers hold all that there may be")
    func strangers() async throws {
        let authority = try TestAuthority()
        var limits = TransportLimits.ofTests
        limits.strangersMax = 3
        let node = try TestNode(2, authority, limits: limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.transport.run() }
            var peers: [RawPeer] = []
            for _ in 0..<4 {
                peers.append(try await RawPeer(certificates: authority.files(ofNode: 1), to: try await node.address))
            }
            let all = peers
            try await eventually("one is closed") { all.count { $0.isClosed } == 1 }
            #expect(node.log.holds("Too many"))
            group.cancelAll()
        }
    }
}
