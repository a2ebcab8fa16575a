import CloudAdapters
import CloudTesting
import EventSourcing
import Foundation
import Snapshots
import Testing
import Workload

@testable import cloudretail

@Suite("The right to write into an archive in a bucket", .timeLimit(.minutes(10))) struct ArchiveLeaseTests {
    private static let prefix = S3Location("s3://shop/archive")!
    private static let times = ArchiveLease.Times(
        renewal: .milliseconds(50), silence: .seconds(2), look: .milliseconds(100))

    private func withBucket(_ body: (S3Client) async throws -> Void) async throws {
        let folder = try TestFolder()
        let cloud = try await CloudServer(in: folder.url)
        let s3 = S3Client(
            try CloudSettings(.s3, environment: await cloud.environment),
            clock: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) })
        try await body(s3)
        await s3.shutdown()
        try await cloud.stop()
    }

    private func take(_ s3: S3Client) async throws -> ArchiveLease {
        try await ArchiveLease.take(Self.prefix, over: s3, times: Self.times, status: StatusLine())
    }

    @Test("is another's while that one lives, and free at once when it is given back")
    func held() async throws {
        try await withBucket { s3 in
            let first = try await take(s3)
            let holder = Task { try await first.hold() }
            await #expect(throws: SnapshotFailure.self) { _ = try await take(s3) }
            holder.cancel()
            _ = await holder.result
            await first.release()
            let begun = ContinuousClock.now
            let second = try await take(s3)
            #expect(ContinuousClock.now - begun < Self.times.silence)
            await second.release()
            #expect(try await s3.list("shop", prefix: "archive/", countMax: 10).isEmpty)
        }
    }

    @Test("goes over from one that is silent, who finds that out before it writes again")
    func leftBehind() async throws {
        try await withBucket { s3 in
            let first = try await take(s3)
            let second = try await take(s3)
            await #expect(throws: SnapshotFailure.self) { try await first.hold() }
            await first.release()
            #expect(try await s3.list("shop", prefix: "archive/", countMax: 10).count == 1)
            await second.release()
        }
    }
}
