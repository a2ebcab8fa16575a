import Foundation
import HTTPTypes
import Synchronization
import Testing

@testable import Gateway

@Suite("The routes of the cluster", .timeLimit(.minutes(10)))
struct ClusterRouteTests {
    /// A cluster that does what the test says.
    private final class Operations: ClusterOperations {
        let answer = Mutex<Result<Bool, ClusterRefusal>>(.success(true))
        let asked = Mutex<[String]>([])

        private func answer(to question: String) throws(ClusterRefusal) -> Bool {
            asked.withLock { $0.append(question) }
            return try answer.withLock { $0 }.get()
        }
        func add(
            _ node: UInt64, at address: String, replacing replaced: UInt64?
        ) async throws(ClusterRefusal) -> Bool {
            try answer(to: "add \(node) \(address) \(replaced.map { "\($0)" } ?? "-")")
        }
        func remove(_ node: UInt64) async throws(ClusterRefusal) -> Bool { try answer(to: "remove \(node)") }
        func transferLeadership(of shard: UInt16, to node: UInt64) async throws(ClusterRefusal) -> Bool {
            try answer(to: "transfer \(shard) \(node)")
        }
    }

    private static let node = #"{"id":4,"address":"10.0.0.4:7000"}"#

    @Test("hand on what is asked, and say whether it is done")
    func done() async throws {
        let operations = Operations()
        try await ShopFixture.run(shards: 1, operations: operations) { fixture in
            let token = try await fixture.token(.admin)
            for (isDone, statuses) in [(true, [201, 201, 204, 204]), (false, [202, 202, 202, 202])] {
                operations.answer.withLock { $0 = .success(isDone) }
                operations.asked.withLock { $0 = [] }
                let added = try await fixture.send(.post, "/cluster/nodes", Self.node, token: token)
                let replaced = try await fixture.send(
                    .post, "/cluster/nodes", #"{"id":5,"address":"b:1","replaces":2}"#, token: token)
                let removed = try await fixture.send(.delete, "/cluster/nodes/4", token: token)
                let leads = try await fixture.send(.post, "/cluster/shards/3/leader", #"{"node":2}"#, token: token)
                #expect([added, replaced, removed, leads].map(\.status) == statuses)
                #expect(added.json["votes"] as? Bool == isDone && added.json["id"] as? Int == 4)
                let asked = operations.asked.withLock { $0 }
                #expect(asked == ["add 4 10.0.0.4:7000 -", "add 5 b:1 2", "remove 4", "transfer 3 2"])
            }
        }
    }

    @Test("say why something is refused", arguments: [
        (ClusterRefusal.unknownNode(9), 404, "not_found"), (.unknownShard(9), 404, "not_found"),
        (.memberAlready(4), 409, "already_exists"), (.numberUsed(4), 409, "conflict"),
        (.addressUnusable("x"), 422, "invalid_fields"), (.addressTaken(by: 1), 409, "conflict"),
        (.addressDiffers(known: "a:1"), 409, "conflict"), (.tooManyVoters(max: 7), 409, "conflict"),
        (.tooFewVoters, 409, "conflict"), (.majorityAtRisk(heard: 1, of: 2), 409, "conflict"),
        (.asksItself(1), 409, "conflict"), (.cannotLead(4), 409, "conflict"), (.noLeader(shard: 0), 503, "no_leader"),
    ])
    func refused(refusal: ClusterRefusal, status: Int, code: String) async throws {
        let operations = Operations()
        operations.answer.withLock { $0 = .failure(refusal) }
        try await ShopFixture.run(shards: 1, operations: operations) { fixture in
            let token = try await fixture.token(.admin)
            let reply = try await fixture.send(.post, "/cluster/nodes", Self.node, token: token)
            #expect(reply.status == status && reply.code == code && !reply.string("detail").isEmpty, "\(reply.text)")
        }
    }

    @Test("refuse what is no node, and everything where the node is alone")
    func alone() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let token = try await fixture.token(.admin)
            for body in ["{}", #"{"id":0,"address":"a:1"}"#, #"{"id":4,"address":"a:1","more":1}"#] {
                #expect(try await fixture.send(.post, "/cluster/nodes", body, token: token).status == 422)
            }
            #expect(try await fixture.send(.delete, "/cluster/nodes/x", token: token).status == 404)
            #expect(
                try await fixture.send(.post, "/cluster/shards/-1/leader", #"{"node":1}"#, token: token).status == 404)
            let reply = try await fixture.send(.post, "/cluster/nodes", Self.node, token: token)
            #expect(reply.status == 409 && reply.text.contains("alone"))
        }
    }
}
