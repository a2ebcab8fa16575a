import Foundation
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import Gateway

@Suite("The snapshot of a node", .timeLimit(.minutes(10)))
struct SnapshotRouteTests {
    /// The pieces of one snapshot, each of which waits until the test lets it go.
    private final class Pieces: Sendable {
        private let rest: Mutex<[[UInt8]]>
        private let gate = DispatchSemaphore(value: 0)

        init(_ pieces: [[UInt8]]) { rest = Mutex(pieces.reversed()) }

        func release(_ count: Int) { for _ in 0..<count { gate.signal() } }

        func next() -> [UInt8]? {
            gate.wait()
            return rest.withLock { $0.popLast() }
        }
    }

    private struct Damage: Error {}

    @Test("is sent piece by piece, to one client at a time")
    func oneAtATime() async throws {
        let pieces = Pieces(["ab", "c", "de"].map { Array($0.utf8) })
        let hasBegun = Atomic(false)
        let begin: @Sendable () -> SnapshotPieces = {
            hasBegun.store(true, ordering: .relaxed)
            return { pieces.next() }
        }
        try await ShopFixture.run(shards: 1, snapshot: begin) { fixture in
            let token = try await fixture.token(.admin)
            async let first = get(fixture, token)
            while !hasBegun.load(ordering: .relaxed) { await Task.yield() }
            let refused = try await head(fixture, token)
            #expect(refused.status == 503 && refused.headers[.retryAfter] == "10")
            pieces.release(4)
            let whole = try await first
            #expect(whole.hasPrefix("HTTP/1.1 200") && whole.contains("application/octet-stream"), "\(whole)")
            #expect(whole.hasSuffix("\r\n\r\n2\r\nab\r\n1\r\nc\r\n2\r\nde\r\n0\r\n\r\n"), "\(whole)")
            while try await head(fixture, token).status != 200 {}
        }
    }

    @Test("that cannot begin, or go on, gives its place back and is not taken for a whole one")
    func broken() async throws {
        let begins = Atomic(0)
        try await ShopFixture.run(
            shards: 1,
            snapshot: {
                guard begins.add(1, ordering: .relaxed).newValue > 1 else { throw Damage() }
                let count = Atomic(0)
                return {
                    guard count.add(1, ordering: .relaxed).newValue < 3 else { throw Damage() }
                    return [7]
                }
            }
        ) { fixture in
            let token = try await fixture.token(.admin)
            #expect(try await head(fixture, token).status == 500)
            let broken = try await get(fixture, token)
            #expect(broken.hasPrefix("HTTP/1.1 200") && !broken.hasSuffix("0\r\n\r\n"), "\(broken)")
            while try await head(fixture, token).status != 200 {}
        }
    }

    @Test("leaves the processor to those who are served, and pauses for nobody else")
    func pace() {
        var pace = SnapshotPace(answered: 7)
        #expect(pace.rest(after: .milliseconds(5), answered: 7) == .zero)
        #expect(pace.rest(after: .milliseconds(5), answered: 9) == .milliseconds(20))
        #expect(pace.rest(after: .milliseconds(5), answered: 9) == .zero)
        #expect(pace.rest(after: .seconds(5), answered: 10) == SnapshotPace.restMax)
    }

    /// On a connection of its own: the client of the test has one.
    private func get(_ fixture: ShopFixture, _ token: String) async throws -> String {
        try await exchange(
            port: try #require(fixture.client.port),
            [
                "GET /api/v1/cluster/snapshot HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n",
                "connection: close\r\n\r\n",
            ])
    }

    private func head(_ fixture: ShopFixture, _ token: String) async throws -> (status: Int, headers: HTTPFields) {
        let answer = try await fixture.client.execute(
            uri: "/api/v1/cluster/snapshot", method: .head, headers: [.authorization: "Bearer \(token)"], body: nil)
        return (answer.status.code, answer.headers)
    }
}
