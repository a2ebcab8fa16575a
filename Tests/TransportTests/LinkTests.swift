import Cluster
import Consensus
import Foundation
import NodeCertificates
import Testing

@testable import Transport

@Suite("Links between nodes", .timeLimit(.minutes(10)))
struct LinkTests {
    private func frame(_ number: Int, bytes: Int = 8) -> [UInt8] {
        var frame = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: max(bytes, 8))
        for place in 0..<8 { frame[place] = UInt8(truncatingIfNeeded: number >> (8 * place)) }
        return frame
    }

    @Test("carry the frames of each stream in their order, both ways")
    func order() async throws {
        let authority = try TestAuthority()
        let nodes = [try TestNode(1, authority), try TestNode(2, authority)]
        try await TestNode.run(nodes) {
            try await eventually("they are connected") { nodes[0].isConnected(to: 2) && nodes[1].isConnected(to: 1) }
            for stream in PeerStream.allCases {
                for number in 0..<2_000 {
                    try await nodes[0].transport.sendWhenRoom(
                        frame(number, bytes: number), on: stream, to: NodeID(2))
                    #expect(nodes[1].transport.send(frame(number), on: stream, to: NodeID(1)))
                }
            }
            for stream in PeerStream.allCases {
                try await eventually("all has arrived on \(stream)") {
                    nodes[1].heard(from: 1, on: stream).count >= 2_000
                        && nodes[0].heard(from: 2, on: stream).count >= 2_000
                }
                #expect(nodes[1].heard(from: 1, on: stream) == (0..<2_000).map { frame($0, bytes: $0) })
                #expect(nodes[0].heard(from: 2, on: stream) == (0..<2_000).map { frame($0) })
            }
            let counts = try #require(nodes[0].transport.links.first { $0.stream == .calls }?.counts)
            #expect(counts.framesSent == 2_000 && counts.framesReceived == 2_000 && counts.framesDropped == 0)
            #expect(counts.bytesReceived == 16_000 && counts.connections == 1)
        }
        let streams = PeerStream.allCases.count
        #expect(nodes[0].changes.filter(\.isConnected).count == streams && nodes[0].changes.count == 2 * streams)
    }

    @Test("join each pair of three nodes, and name who sent what")
    func three() async throws {
        let authority = try TestAuthority()
        let nodes = try (1...3 as ClosedRange<UInt64>).map { try TestNode($0, authority) }
        try await TestNode.run(nodes) {
            for node in nodes {
                for other in nodes where other.id != node.id {
                    try await eventually("\(node.id) is connected to \(other.id)") { node.isConnected(to: other.id) }
                    #expect(node.transport.send([UInt8(node.id)], on: .consensus, to: NodeID(other.id)))
                }
            }
            for node in nodes {
                for other in nodes where other.id != node.id {
                    try await eventually("\(node.id) has heard \(other.id)") {
                        node.heard(from: other.id, on: .consensus) == [[UInt8(other.id)]]
                    }
                }
            }
        }
    }

    @Test("carry frames up to the limit, and refuse longer ones before they are sent")
    func longFrames() async throws {
        let authority = try TestAuthority()
        let nodes = [try TestNode(1, authority), try TestNode(2, authority)]
        try await TestNode.run(nodes) {
            try await eventually("they are connected") { nodes[0].isConnected(to: 2) && nodes[1].isConnected(to: 1) }
            let longest = TransportLimits().frameBytesMax
            #expect(!nodes[1].transport.send(frame(1, bytes: longest + 1), on: .snapshots, to: NodeID(1)))
            #expect(nodes[1].log.holds("too long"))
            for number in 1...3 {
                try await nodes[1].transport.sendWhenRoom(
                    frame(number, bytes: longest), on: .snapshots, to: NodeID(1))
            }
            try await eventually("they arrive") { nodes[0].heard(from: 2, on: .snapshots).count == 3 }
            #expect(nodes[0].heard(from: 2, on: .snapshots) == (1...3).map { frame($0, bytes: longest) })
        }
    }

    @Test("come back when a node does, and lose at most what was under way")
    func restart() async throws {
        let authority = try TestAuthority()
        let (first, second) = (try TestNode(1, authority), try TestNode(2, authority))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await first.transport.run() }
            let port = try await withThrowingTaskGroup(of: Void.self) { life in
                life.addTask { try await second.transport.run() }
                try await TestNode.introduce([first, second])
                try await eventually("they are connected") { first.isConnected(to: 2) }
                let port = try await second.address.port
                life.cancelAll()
                return port
            }
            try await eventually("the end is noticed") { !first.isConnected(to: 2) }
            #expect(!first.transport.send([1], on: .calls, to: NodeID(2)))
            let again = try TestNode(2, authority, port: port)
            again.transport.setPeers([NodeID(1): try await first.address])
            group.addTask { try await again.transport.run() }
            try await eventually("it is connected again") { first.isConnected(to: 2) && again.isConnected(to: 1) }
            #expect(first.transport.send([2], on: .calls, to: NodeID(2)))
            try await eventually("frames arrive") { again.heard(from: 1, on: .calls) == [[2]] }
            group.cancelAll()
        }
    }

    @Test("end with a peer that is no member any more, and begin with a new one")
    func membership() async throws {
        let authority = try TestAuthority()
        let nodes = try (1...3 as ClosedRange<UInt64>).map { try TestNode($0, authority) }
        try await TestNode.run(nodes) {
            try await eventually("they are connected") { nodes[1].isConnected(to: 1) && nodes[1].isConnected(to: 3) }
            let (one, three) = (try await nodes[0].address, try await nodes[2].address)
            nodes[1].transport.setPeers([NodeID(1): one])
            try await eventually("the third is gone") { !nodes[2].isConnected(to: 2) }
            #expect(!nodes[1].transport.send([1], on: .calls, to: NodeID(3)) && nodes[1].isConnected(to: 1))
            nodes[1].transport.setPeers([NodeID(1): one, NodeID(3): three])
            try await eventually("the third is back") { nodes[1].isConnected(to: 3) && nodes[2].isConnected(to: 2) }
        }
    }

    @Test("take a renewed certificate for connections that begin afterwards")
    func renewal() async throws {
        let authority = try TestAuthority()
        let node = try TestNode(2, authority)
        try await TestNode.run([node]) {
            node.transport.setPeers([NodeID(1): PeerAddress(host: "127.0.0.1", port: 1)])
            let (address, files) = (try await node.address, authority.files(ofNode: 1))
            func shown(on stream: PeerStream) async throws -> [UInt8] {
                let peer = try await RawPeer(certificates: files, to: address)
                peer.send(.greeting, Greeting.ofTests(stream: stream).encoded())
                try await eventually("it is greeted") { peer.isGreeted }
                return try await peer.certificateOfPeer
            }
            let first = try await shown(on: .calls)
            try NodeCertificates.renew(in: authority.directory, nodes: [2])
            try await eventually("it is renewed") { node.log.holds("certificate between nodes is renewed") }
            let second = try await shown(on: .consensus)
            #expect(first != second && !second.isEmpty)
            // What is no certificate is not taken up.
            try Data("none".utf8).write(to: URL(fileURLWithPath: authority.files(ofNode: 2).certificate))
            node.transport.reloadCertificates()
            #expect(node.log.holds("cannot be used; the one before stays"))
            #expect(try await shown(on: .snapshots) == second)
        }
    }
}
