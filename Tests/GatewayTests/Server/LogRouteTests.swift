import EventSourcing
import Foundation
import Synchronization
import Testing

@testable import Gateway

@Suite("The log of a node", .timeLimit(.minutes(10)))
struct LogRouteTests {
    @Test("is read behind a position, or waited for")
    func read() async throws {
        let asked = Mutex<[LogPosition]>([])
        let hasMore = Atomic(false)
        try await ShopFixture.run(
            shards: 2,
            log: { position in
                asked.withLock { $0.append(position) }
                guard hasMore.load(ordering: .relaxed) else { return nil }
                let rest = Mutex(["ab", "c"].map { Array($0.utf8) })
                return { rest.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
            }
        ) { fixture in
            let token = try await fixture.token(.admin)
            #expect(try await fixture.log("after=0,0", token).status == 204)
            #expect(asked.withLock { $0 } == [LogPosition([.zero, .zero])])
            async let waiting = fixture.log("after=0,0&wait=20", token)
            while asked.withLock({ $0.count }) < 3 { await Task.yield() }
            hasMore.store(true, ordering: .relaxed)
            let answer = try await waiting
            #expect(answer.status == 200 && answer.text == "abc", "\(answer)")
        }
    }

    @Test("is refused to staff, without a position, and behind or before what there is")
    func refused() async throws {
        try await ShopFixture.run(shards: 1, log: { _ in throw LogTruncated(first: LogIndex(9)) }) { fixture in
            let token = try await fixture.token(.admin)
            #expect(try await fixture.log("after=0", try await fixture.token(.staff)).status == 403)
            let zeros = String(repeating: "0", count: 20)
            for query in ["", "after=", "after=x", "after=1,", "after=-1", "after=\(zeros)", "after=0&wait=21"] {
                #expect(try await fixture.log(query, token).status == 422, "\(query)")
            }
            // Of more shards than there are; of another cluster; gone since it was looked at.
            for query in ["after=0,0", "after=1000000", "after=0"] {
                #expect(try await fixture.log(query, token).status == 410, "\(query)")
            }
        }
    }

    @Test("is read by a few at a time, each of which gives its place back")
    func places() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let token = try await fixture.token(.admin)
            for _ in 0..<3 * LogRoutes.readersMax {
                #expect(try await fixture.log("after=0", token).status == 204)
            }
        }
    }

    @Test("is kept by every node behind the position that the archive tells")
    func place() async throws {
        try await ShopFixture.run(shards: 2) { fixture in
            let token = try await fixture.token(.admin)
            #expect(try await fixture.moveArchive(#"{"position":"0,0"}"#, token) == 204)
            #expect(try await fixture.moveArchive(#"{"position":"1,1"}"#, try await fixture.token(.staff)) == 403)
            #expect(try await fixture.moveArchive(#"{"position":"x"}"#, token) == 422)
            #expect(try await fixture.moveArchive(#"{"position":"1000000,0"}"#, token) == 410)
            #expect(try await fixture.moveArchive(#"{"position":"0"}"#, token) == 410)
        }
    }
}

extension ShopFixture {
    fileprivate func log(_ query: String, _ token: String) async throws -> Reply {
        try await send(.get, "/cluster/log?\(query)", token: token)
    }

    fileprivate func moveArchive(_ body: String, _ token: String) async throws -> Int {
        try await send(.put, "/cluster/archive", body, token: token).status
    }
}
