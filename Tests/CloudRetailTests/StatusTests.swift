import Foundation
import Testing

@testable import cloudretail

@Suite("The status of a cluster on this machine") struct StatusTests {
    private func status(_ fields: String) throws -> ClusterStatus {
        try JSONDecoder().decode(ClusterStatus.self, from: Data(#"{"nodes":[],"shards":[]\#(fields)}"#.utf8))
    }

    private func record(nodes: Int) throws -> ClusterRecord {
        try ClusterRecord(
            nodes: nodes, shards: 1, httpBase: nil, payment: .inProcess, administrator: "admin@example.com",
            rateLimits: .on)
    }

    @Test("takes no node of another cluster, and no other node, for the one whose ports it has")
    func strangers() throws {
        let record = try record(nodes: 2)
        let own = try status(#","cluster_id":"\#(record.cluster)","node_id":1"#)
        // One that was started by hand too.
        for isGone in [false, true] {
            #expect(record.stranger(inPlaceOf: 1, own, isGone: isGone) == nil)
            #expect(record.stranger(inPlaceOf: 2, own, isGone: isGone)?.hasPrefix("node 1 of cluster") == true)
        }
        let other = try status(#","cluster_id":"beef","node_id":1"#)
        #expect(record.stranger(inPlaceOf: 1, other, isGone: true)?.hasPrefix("node 1 of cluster beef") == true)
        #expect(record.stranger(inPlaceOf: 1, nil, isGone: true)?.hasPrefix("its process is gone") == true)
    }

    @Test("knows no part of a node that does not answer, whatever the others have last heard of it")
    func silentLeader() throws {
        let replicas = [(1, "leader"), (2, "follower")].map { id, role in
            #"{"id":\#(id),"role":"\#(role)","committed":3,"applied":3}"#
        }.joined(separator: ",")
        let text = #"{"nodes":[],"shards":[{"id":0,"leader":1,"term":2,"nodes":[\#(replicas)]}]}"#
        let said = try JSONDecoder().decode(ClusterStatus.self, from: Data(text.utf8))
        func merged(by nodes: UInt64...) -> ClusterStatus? { .merged(nodes.map { ($0, said) }) }
        let all = try #require(merged(by: 1, 2))
        #expect(all.shards[0].nodes.map(\.role) == ["leader", "follower"] && !all.shards[0].isLeaderSilent)
        let rest = try #require(merged(by: 2))
        #expect(rest.shards[0].nodes.map(\.role) == ["unknown", "follower"] && rest.shards[0].isLeaderSilent)
    }

    @Test("takes a program that does not say whose it is for the node, while that runs")
    func silent() throws {
        for record in [try record(nodes: 1), try record(nodes: 3)] {
            #expect(record.stranger(inPlaceOf: 1, try status(""), isGone: false) == nil)
            #expect(record.stranger(inPlaceOf: 1, try status(""), isGone: true) != nil)
        }
        let alone = try status(#","cluster_id":"beef","node_id":1"#)
        #expect(try record(nodes: 1).stranger(inPlaceOf: 1, alone, isGone: false) == nil)
    }
}
