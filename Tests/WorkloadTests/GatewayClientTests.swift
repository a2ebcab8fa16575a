import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Workload

@Suite struct GatewayClientTests {
    let stub = StubGateway()

    func receipt() throws -> GatewayRequest {
        try .post(
            "/inventory/batch", Receipts(receipts: [.init(sku: "A", quantity: 5, reference: "test")]), key: "key-1")
    }

    @Test func anUnansweredRequestIsSentAgainUnderItsKeyAndHappensOnce() async throws {
        await stub.set {
            $0.onHand["A"] = 0
            $0.faults["/inventory"] = [.loseAnswer, .loseAnswer]
        }
        let reply = try await stub.serve { address in
            try await address.withClient(attempt: .milliseconds(500)) { try await $0.send(receipt()) }
        }
        #expect((reply.status, reply.isReplayed) == (200, true))
        #expect(reply.attempts >= 3)
        #expect(await stub.received == ["A": 5])
    }

    @Test func aHandshakeThatBreaksOffMayDoBetterNextTimeAndACertificateMayNot() throws {
        let address = try #require(GatewayAddress("https://127.0.0.1:1"))
        let brokenOff = GatewayFault(NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])), at: address)
        #expect(!brokenOff.isFinal && !brokenOff.description.contains("certificate"), "\(brokenOff)")
        #expect(GatewayFault(NIOSSLExtraError.failedToValidateHostname, at: address).isFinal)
    }

    @Test(arguments: [429, 502, 503, 504, 409])
    func aRefusalForNowIsAskedAgainAfterTheTimeItNames(status: Int) async throws {
        await stub.set {
            $0.onHand["A"] = 0
            $0.faults["/inventory"] = [.refuse(status: status, retryAfter: 1)]
        }
        let start = ContinuousClock.now
        let reply = try await stub.serve { address in
            try await address.withClient { try await $0.send(receipt()) }
        }
        #expect((reply.status, reply.attempts) == (200, 2))
        #expect(ContinuousClock.now - start >= .seconds(1))
    }

    @Test func aRefusalForGoodIsTheAnswer() async throws {
        await stub.set { $0.faults["/inventory"] = [.refuse(status: 409, retryAfter: nil)] }
        let reply = try await stub.serve { address in
            try await address.withClient { try await $0.send(receipt()) }
        }
        #expect((reply.status, reply.attempts, reply.problem?.code) == (409, 1, "busy"))
    }

    private final class Told: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// A node that says "not now", and one that says nothing.
    @Test(.timeLimit(.minutes(10)), arguments: [false, true])
    func whomARequestWaitsForIsToldOnce(isSilent: Bool) async throws {
        let told = Told()
        @Sendable func wait(for address: GatewayAddress) async throws {
            let tokens = try TokenFile(path: tokenFile("token-1\n"))
            try await GatewayClient.with(
                addresses: [address], tokens: tokens, patience: .init(limit: .seconds(600)), connections: 8,
                onWaiting: { line in told.lines.withLock { $0.append(line) } }
            ) { client in
                let request = try receipt()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 { group.addTask { _ = try await client.send(request) } }
                    group.addTask {
                        while told.lines.withLock(\.isEmpty) { try await Task.sleep(for: .milliseconds(10)) }
                        // Long enough for another.
                        try await Task.sleep(for: RequestWaits.quietMax)
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
            let lines = told.lines.withLock { $0 }
            #expect(lines.count == 1 && lines[0].contains("\(address)"), "\(lines)")
            #expect(lines[0].hasSuffix("for up to 600 s in all"))
        }
        if isSilent {
            try await StubServer.serve { _ in .ignore } _: { try await wait(for: $0) }
        } else {
            await stub.set {
                $0.faults["/inventory"] = Array(repeating: .refuse(status: 503, retryAfter: nil), count: 10_000)
            }
            try await stub.serve { try await wait(for: $0) }
        }
    }

    @Test func aNodeThatIsNotThereIsToldInOneLineWithItsAddress() async throws {
        let port = try await StubServer.serve { _ in .ignore } _: { $0.port }
        let address = try #require(GatewayAddress("http://127.0.0.1:\(port)"))
        let told = "http://127.0.0.1:\(port) cannot be reached: connection refused. Look whether a node serves there: "
            + "curl http://127.0.0.1:\(port)/readyz"
        let fault = await #expect(throws: GatewayFault.self) {
            try await address.withClient { try await $0.snapshot { _ in } }
        }
        #expect(fault?.description == told)
        let last = await #expect(throws: GatewayFault.self) {
            try await address.withClient(patience: .zero) { try await $0.send(.get("/cluster")) }
        }
        #expect(last?.description == "no answer to 1 attempt within 0 s; the last: \(told)")
    }

    @Test func aRequestWithoutAKeyIsNotSentAgain() async throws {
        await stub.set { $0.faults["/inventory"] = [.refuse(status: 503, retryAfter: nil)] }
        let reply = try await stub.serve { address in
            try await address.withClient { client in
                try await client.send(
                    GatewayRequest(method: .POST, path: "/inventory/batch", body: nil, idempotencyKey: nil))
            }
        }
        #expect((reply.status, reply.attempts) == (503, 1))
    }

    @Test func theClientOutlivesAGatewayThatBreaksOffAndComesBack() async throws {
        await stub.set { $0.onHand["A"] = 3 }
        let (hangUps, hungUp) = AsyncStream.makeStream(of: Void.self)
        let rude = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                hungUp.yield()
                return channel.close()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(rude.localAddress?.port)
        let address = try #require(GatewayAddress("http://127.0.0.1:\(port)"))
        let stub = stub
        let reply = try await withThrowingTaskGroup(of: GatewayReply.self) { group in
            let (ends, end) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                defer { end.finish() }
                return try await address.withClient { try await $0.send(.get("/inventory/A")) }
            }
            for await _ in hangUps { break }
            try await rude.close()
            try await stub.serve(port: port) { _ in for await _ in ends {} }
            return try await group.next()
        }
        #expect(reply?.status == 200)
        #expect(reply.map { $0.attempts > 1 } == true)
    }

    @Test func patienceEnds() async throws {
        let port = try await stub.serve { $0.port }
        let address = try #require(GatewayAddress("http://127.0.0.1:\(port)"))
        await #expect(throws: GatewayFault.self) {
            try await address.withClient(patience: .milliseconds(300)) { _ = try await $0.send(.get("/inventory/A")) }
        }
    }

    @Test func anExpiredTokenIsRenewedOnceForEverybodyAndWrittenBack() async throws {
        await stub.set {
            $0.onHand["A"] = 3
            $0.token = "token-2"
            $0.refreshToken = "refresh-1"
        }
        let path = try tokenFile("{\"access_token\": \"expired\", \"refresh_token\": \"refresh-1\"}")
        try await stub.serve { address in
            let tokens = try TokenFile(path: path)
            try await GatewayClient.with(
                addresses: [address], tokens: tokens, patience: .init(limit: .seconds(20)), connections: 8
            ) { client in
                try await forEachConcurrently(0..<20, limit: 8) { _ in
                    let reply = try await client.send(.get("/inventory/A"))
                    #expect(reply.status == 200)
                }
            }
        }
        #expect(await stub.requests.count { $0 == "POST /auth/refresh" } == 1)
        let written = try String(contentsOfFile: path, encoding: .utf8)
        #expect(written == "{\"access_token\":\"token-2x\",\"refresh_token\":\"refresh-1x\"}")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func aRefusedTokenThatCannotBeRenewedIsNamed() async throws {
        await #expect(throws: TokenFile.Fault.self) {
            try await stub.serve { address in
                try await address.withClient(token: "wrong") { _ = try await $0.send(.get("/inventory/A")) }
            }
        }
    }

    @Test func aTokenFileWithoutATokenIsRefused() throws {
        let empty = try tokenFile(" \n")
        #expect(throws: TokenFile.Fault.noToken(path: empty)) { try TokenFile(path: empty) }
        let other = try tokenFile("{\"token\": 1}")
        #expect(throws: TokenFile.Fault.noToken(path: other)) { try TokenFile(path: other) }
    }

    @Test func addressesAreRead() {
        #expect(GatewayAddress("http://127.0.0.1:8080")?.description == "http://127.0.0.1:8080")
        #expect(GatewayAddress("https://shop.example/base/")?.description == "https://shop.example:443/base")
        #expect(GatewayAddress("127.0.0.1:8080") == nil)
        #expect(GatewayAddress("ftp://x") == nil)
        #expect(GatewayAddress("http://") == nil)
        #expect(GatewayAddress.escaped("A B/C%ü") == "A%20B%2FC%25%C3%BC")
    }
}
