import Cluster
import Consensus
import EventSourcing
import Foundation
import LogFormat
import Testing

@testable import Storage

@Suite("The data directories of several nodes")
struct MemberTests {
    @Test("elect a leader, commit on a majority, go on without one of them, and bring it up to date again")
    func failOver() async throws {
        let cluster = MemberCluster(3, shards: 2)
        try cluster.start()
        for shard in 0..<2 {
            for number in 1...20 as ClosedRange<UInt8> { try await cluster.append([number], to: shard) }
        }
        let lost = try await cluster.leader().links.node
        cluster.stop(lost)
        let moment = ContinuousClock.now
        try await cluster.append([21])
        // An election timeout is half a second at least.
        print("an entry was committed \(ContinuousClock.now - moment) after the leader had ended")
        let last = [try await cluster.append([22], to: 0), try await cluster.append([22], to: 1)]
        try cluster.start(lost)
        for shard in 0..<2 { try await cluster.everyNode(has: last[shard], on: shard) }
        for node in cluster.nodes.values {
            #expect(try node[0].all().map(\.bytes) == (1...22).map { [UInt8($0)] })
            #expect(try node[1].all().map(\.bytes) == ((1...20).map { [UInt8($0)] } + [[22]]))
        }
    }

    @Test("of one node of several commit nothing without a majority, and do not elect it")
    func minority() async throws {
        let cluster = MemberCluster(3)
        try cluster.start()
        try await cluster.append([1])
        let leader = try await cluster.leader()
        let term = leader[0].term
        for id in cluster.founders where id != leader.links.node { cluster.stop(id) }
        let index = try leader[0].propose([2], at: Timestamp(milliseconds: 1), in: term)
        let decision = Decision(term: term, restsOn: index, isRecorded: true)
        // It steps down, since it hears of no majority.
        await #expect(throws: CommitmentUnknown.self) { try await leader[0].confirmation(of: decision) }
        #expect(leader[0].standing.leadership == nil && leader[0].committed < index)
    }

    @Test("drop frames that cannot be read, count them, and go on")
    func malformed() async throws {
        let cluster = MemberCluster(3)
        try cluster.start()
        try await cluster.append([1])
        let (sender, receiver) = (cluster.nodes[NodeID(1)]!, cluster.nodes[NodeID(2)]!)
        for stream in [PeerStream.consensus, .snapshots] {
            for bytes: [UInt8] in [[], [0], [1, 2, 3], [UInt8](repeating: 255, count: 5_000)] {
                sender.links.send(bytes, on: stream, to: NodeID(2))
            }
        }
        _ = try await eventually("the count") { receiver.data.malformedFrames == 8 ? true : nil }
        try await cluster.everyNode(has: try await cluster.append([2]))
    }

    @Test("say whose they are, and are refused to another node, another cluster, or without its peers")
    func identity() async throws {
        let cluster = MemberCluster(3)
        try cluster.start(NodeID(2))
        #expect(cluster.nodes[NodeID(2)]?.data.identity.node == NodeID(2))
        cluster.stop(NodeID(2))
        let path = try #require(cluster.directory(of: NodeID(2))).path
        func open(_ founding: Founding, _ links: MemoryLinks?) async -> StorageError? {
            await storageError {
                try DataDirectory(path: path, creating: true, founding: founding, links: links).close()
            }
        }
        let links = cluster.network.links(of: NodeID(2))
        let founders = cluster.founders
        let name = MemberCluster.name
        #expect(await open(.member(NodeID(3), cluster: name, of: founders), links) == .otherNode(found: 2, asked: 3))
        #expect(await open(.member(NodeID(2), cluster: 1, of: founders), links) == .otherCluster(found: name))
        // As the setting has it.
        #expect("\(StorageError.otherCluster(found: 0xbeef))".contains("(beef)"))
        #expect(await open(.alone, nil) == .otherNode(found: 2, asked: 1))
        #expect(await open(.member(NodeID(2), cluster: name, of: founders), nil) == .needsPeers(node: 2))
        #expect(await open(.member(NodeID(2), cluster: name, of: founders), links) == nil)
    }

    @Test("are not created for a node that its cluster was not founded with, nor for one that joins and was")
    func impossibleFounding() async throws {
        for founding: Founding in [
            .member(NodeID(4), cluster: 1, of: [NodeID(1), NodeID(2)]),
            .joining(NodeID(2), cluster: 1, foundedBy: [NodeID(1), NodeID(2)]),
            .joining(NodeID(2), cluster: 1, foundedBy: []),
        ] {
            let directory = TemporaryDirectory()
            let links = MemoryNetwork().links(of: founding.node)
            #expect(throws: StorageError.self) {
                try DataDirectory(path: directory.path, creating: true, founding: founding, links: links)
            }
            #expect(!FileManager.default.fileExists(atPath: directory.databasePath))
        }
    }

    private static let identityOfNode3 =
        "f7e010d400030123456789abcdef000c" + "0000000000000003" + "02" + "0000000000000001" + "0000000000000003"

    @Test("begin with bytes that every later version reads")
    func identityBytes() throws {
        let identity = DirectoryIdentity(
            node: NodeID(3), cluster: MemberCluster.name, founders: [NodeID(1), NodeID(3)], shards: 12)
        let bytes = identity.encoded()
        #expect(hexadecimal(bytes) == Self.identityOfNode3)
        #expect(try DirectoryIdentity(bytes) == identity)
        for count in bytes.indices {
            #expect(throws: StorageError.corruptHeader(name: "node")) { try DirectoryIdentity(Array(bytes[..<count])) }
        }
        // Version 2, in which every directory was that of node 1.
        let earlier = unhexadecimal("aa254e3400020123456789abcdef000c")
        let expected = DirectoryIdentity(cluster: MemberCluster.name, shards: 12, formatVersion: 2)
        #expect(try DirectoryIdentity(earlier) == expected && expected.node == NodeID(1))
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func unhexadecimal(_ text: String) -> [UInt8] {
    stride(from: 0, to: text.count, by: 2).map { place in
        let start = text.index(text.startIndex, offsetBy: place)
        return UInt8(text[start..<text.index(start, offsetBy: 2)], radix: 16)!
    }
}
