import CloudAdapters
import Foundation
import Snapshots
import Workload

/// The right to write into an archive in a bucket: one process at a time has it.
///
/// An object says who, and is written anew as long as that process lives. One that stays as it is for long is that of a
/// process which has ended, and is replaced. No clocks are compared.
struct ArchiveLease: Sendable {
    /// How often the holder writes it anew, and how long it has to stay as it is to count as left behind.
    struct Times: Sendable {
        var renewal = Duration.seconds(10)
        var silence = Duration.seconds(30)
        /// Between two looks at another's, and before one's own counts: of two that replace it at once the later stays.
        var look = Duration.seconds(2)
    }

    private struct Content: Codable {
        let owner: String
        var renewals = 0
    }

    private let s3: S3Client
    private let location: S3Location
    private let place: String
    private let times: Times
    private let owner: String

    /// Takes it, at once or when another process has left it behind.
    ///
    /// - Throws: when another process writes into the archive.
    static func take(
        _ prefix: S3Location, over s3: S3Client, times: Times = Times(), status: StatusLine
    ) async throws -> ArchiveLease {
        let lease = ArchiveLease(
            s3: s3, location: try prefix.appending("lock"), place: prefix.description, times: times,
            owner: UUID().uuidString)
        while true {
            do {
                try await s3.put(lease.content(renewals: 0), to: lease.location, replacing: false)
                return lease
            } catch CloudFailure.alreadyThere {}
            status.print("\(prefix) is another archiver's: watching for \(times.silence) whether that is still at work")
            if try await lease.isLeftBehind() { return lease }
        }
    }

    /// Replaces that of another process once it has been silent for long.
    ///
    /// - Returns: false when it has been given back meanwhile.
    private func isLeftBehind() async throws -> Bool {
        guard let found = try await stored() else { return false }
        let end = ContinuousClock.now + times.silence
        while ContinuousClock.now < end {
            try await Task.sleep(for: times.look)
            guard let now = try await stored() else { return false }
            guard now == found else { throw busy }
        }
        try await s3.put(content(renewals: 0), to: location)
        try await Task.sleep(for: times.look)
        guard try await isOwn else { throw busy }
        return true
    }

    /// Writes it anew until the task is cancelled. A bucket that does not answer is asked again with the next.
    ///
    /// - Throws: when another process has replaced it.
    func hold() async throws {
        var renewals = 0
        while true {
            try await Task.sleep(for: times.renewal)
            do {
                guard try await isOwn else { throw busy }
                renewals += 1
                try await s3.put(content(renewals: renewals), to: location)
            } catch is CloudFailure {}
        }
    }

    /// Gives it back, if the bucket answers; else it is left behind.
    func release() async {
        if (try? await isOwn) == true { try? await s3.delete(location) }
    }

    private var busy: SnapshotFailure {
        .system(operation: "writing into \(place)", message: "another archiver does")
    }

    private var isOwn: Bool {
        get async throws {
            guard let bytes = try await stored() else { return false }
            return try JSONDecoder().decode(Content.self, from: Data(bytes)).owner == owner
        }
    }

    /// Nil when there is none.
    private func stored() async throws -> [UInt8]? {
        do {
            return try await s3.get(location)
        } catch CloudFailure.refused(let refusal) where refusal.status == 404 {
            return nil
        }
    }

    private func content(renewals: Int) throws -> [UInt8] {
        Array(try JSONEncoder().encode(Content(owner: owner, renewals: renewals)))
    }
}
