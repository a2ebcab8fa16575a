import Foundation
import NIOCore
import Testing

@testable import Workload

/// Clients of a cluster, of which a node is down, silent, or has no leader.
@Suite struct SeveralNodesTests {
    let first = StubGateway()
    let second = StubGateway()

    private func receipt() throws -> GatewayRequest {
        try .post(
            "/inventory/batch", Receipts(receipts: [.init(sku: "A", quantity: 5, reference: "test")]), key: "key-1")
    }

    /// A port that no server listens on, nor takes while this is held.
    private final class DeadNode {
        private let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let address: GatewayAddress

        init() throws {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let (descriptor, size) = (bound, length)
            let status = withUnsafeMutableBytes(of: &name) { bytes in
                let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                return bind(descriptor, pointer, size) + getsockname(descriptor, pointer, &length)
            }
            try #require(status == 0)
            address = try #require(GatewayAddress("http://127.0.0.1:\(UInt16(bigEndian: name.sin_port))"))
        }

        deinit { close(bound) }
    }

    private func client<Result: Sendable>(
        of addresses: [GatewayAddress], attempt: Duration = .seconds(10), patience limit: Duration = .seconds(20),
        _ body: @escaping @Sendable (GatewayClient) async throws -> Result
    ) async throws -> Result {
        var patience = GatewayClient.Patience(limit: limit)
        patience.attempt = attempt
        // No pause fits into the patience: a request that waited for one would not be answered.
        patience.pauseFirst = .seconds(60)
        return try await GatewayClient.with(
            addresses: addresses, tokens: TokenFile(path: tokenFile("token-1")), patience: patience, connections: 8,
            body)
    }

    @Test func requestsAreSpreadOverTheNodes() async throws {
        for stub in [first, second] { await stub.set { $0.onHand["A"] = 1 } }
        let (first, second) = (first, second)
        let statuses = try await first.serve { a in
            try await second.serve { b in
                try await client(of: [a, b]) { client in
                    var statuses: [Int] = []
                    for _ in 0..<10 { statuses.append(try await client.send(.get("/inventory/A")).status) }
                    return statuses
                }
            }
        }
        #expect(statuses == Array(repeating: 200, count: 10))
        let counts = [await first.requests.count, await second.requests.count]
        #expect(counts == [5, 5])
    }

    @Test func aRequestThatOneNodeDoesNotTakeGoesToTheNextAtOnce() async throws {
        let dead = try DeadNode()
        defer { withExtendedLifetime(dead) {} }
        await second.set { $0.onHand["A"] = 0 }
        let address = dead.address
        let reply = try await second.serve { alive in
            try await client(of: [address, alive]) { try await $0.send(receipt()) }
        }
        #expect((reply.status, reply.attempts) == (200, 2))
        #expect(await second.received == ["A": 5])
    }

    @Test func aNodeWithoutALeaderIsLeftForAnother() async throws {
        await first.set { $0.faults["/inventory"] = [.refuse(status: 503, retryAfter: 30)] }
        await second.set { $0.onHand["A"] = 0 }
        let second = second
        let reply = try await first.serve { a in
            try await second.serve { b in try await client(of: [a, b]) { try await $0.send(receipt()) } }
        }
        #expect((reply.status, reply.attempts) == (200, 2))
    }

    @Test func aSilentNodeIsLeftForAnother() async throws {
        await first.set { $0.onHand["A"] = 1 }
        let reply = try await StubServer.serve { _ in .ignore } _: { silent in
            try await first.serve { alive in
                try await client(of: [silent, alive], attempt: .seconds(5)) { client in
                    try await client.send(.get("/inventory/A"))
                }
            }
        }
        #expect((reply.status, reply.attempts) == (200, 2))
    }

    private func turns(_ count: Int, of choice: NodeChoice) -> [Int] {
        (0..<count).map { _ in choice.next() }
    }

    @Test func aNodeThatHasFailedIsAskedLast() throws {
        let addresses = try (1...3).map { try #require(GatewayAddress("http://node-\($0):80")) }
        let choice = NodeChoice(addresses)
        #expect(turns(4, of: choice) == [0, 1, 2, 0])
        choice.failed(1)
        #expect(turns(3, of: choice) == [2, 0, 2])
        for place in 0..<3 { choice.failed(place) }
        #expect(turns(3, of: choice) == [0, 1, 2])
    }

    @Test func whenNoNodeAnswersPatienceEnds() async throws {
        let dead = [try DeadNode(), try DeadNode()]
        defer { withExtendedLifetime(dead) {} }
        await #expect(throws: GatewayFault.self) {
            try await client(of: dead.map(\.address), patience: .milliseconds(300)) {
                _ = try await $0.send(.get("/inventory/A"))
            }
        }
    }

    @Test func aLoadGoesOnWithTheNodesThatAreLeft() async throws {
        let dead = try DeadNode()
        defer { withExtendedLifetime(dead) {} }
        let plan = LoadPlan(pace: .open(perSecond: 200), duration: .seconds(1), connections: 4)
        let requests = LoadRequests(kind: .orders(skus: 10), token: "token", customers: 0, seed: 7)
        let address = dead.address
        let report = try await StubServer.serve { $0 % 20 == 0 ? .hangUp : .answer(status: 201) } _: { rude in
            try await StubServer.serve { _ in .answer(status: 201) } _: { good in
                try await LoadGenerator.run(plan: plan, requests: requests, addresses: [rude, address, good])
            }
        }
        #expect((report.attempted, report.succeeded, report.failed) == (200, 200, 0))
        #expect(report.resent > 0)
    }
}
