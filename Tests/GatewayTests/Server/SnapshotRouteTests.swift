import Foundation
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import Gateway

@Suite("The snapshot of a node", .timeLimit(.minutes(5)))
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
        let pieces = Pieces([[1, 2], [3], [4, 5]])
        let hasBegun = Atomic(false)
        let begin: @Sendable () -> SnapshotPieces = {
            hasBegun.store(true, ordering: .relaxed)
            return { pieces.next() }
        }
        try await ShopFixture.run(shards: 1, snapshot: begin) { fixture in
            let token = try await fixture.token(.admin)
            async let first = fixture.client.execute(
                uri: "/api/v1/cluster/snapshot", method: .get, headers: [.authorization: "Bearer \(token)"], body: nil)
            while !hasBegun.load(ordering: .relaxed) { await Task.yield() }
            let refused = try await head(fixture, token)
            #expect(refused.status == 503 && refused.headers[.retryAfter] == "10")
            pieces.release(4)
            let whole = try await first
            #expect(whole.status == .ok && Array(buffer: whole.body) == [1, 2, 3, 4, 5])
            #expect(whole.headers[.contentType] == "application/octet-stream")
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
            await #expect(throws: (any Error).self) {
                try await fixture.client.execute(
                    uri: "/api/v1/cluster/snapshot", method: .get, headers: [.authorization: "Bearer \(token)"],
                    body: nil)
            }
            while try await head(fixture, token).status != 200 {}
        }
    }

    private func head(_ fixture: ShopFixture, _ token: String) async throws -> (status: Int, headers: HTTPFields) {
        let answer = try await fixture.client.execute(
            uri: "/api/v1/cluster/snapshot", method: .head, headers: [.authorization: "Bearer \(token)"], body: nil)
        return (answer.status.code, answer.headers)
    }
}
