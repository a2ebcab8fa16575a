import ArgumentParser
import CloudAdapters
import Snapshots
import UnixSignals
import Workload

/// `cloudretail archive`
struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Keep a running shop's snapshots and its log as it commits, for restoring to any moment.",
        discussion: """
            It goes on until SIGTERM or SIGINT, through the death of nodes, and when it is started again where its \
            directory ends. The cluster keeps the log that it has yet to read, within a limit; past that it begins \
            anew with a base and notes the gap. It asks with an administrator's token. A bucket of S3 is named \
            s3://BUCKET/PREFIX; region, credentials and AWS_ENDPOINT_URL come from the environment.
            """)

    @OptionGroup var gateway: GatewayOptions

    @Option(
        help: "The directory of the archive, which is made if it is not there, or s3://BUCKET/PREFIX.",
        transform: SnapshotPlace.parse)
    var to: SnapshotPlace

    @OptionGroup var encryption: EncryptionOptions

    @Flag(help: "Bring the archive up to what is committed now, and end.")
    var once = false

    @Option(
        name: .customLong("base-every"),
        help: ArgumentHelp(
            "Take a new base after so long (such as 30m, 6h, 7d), or after so many entries of the log.",
            valueName: "time|entries"),
        transform: ArchiveCommand.pace)
    var basePace = BasePace.time(.seconds(24 * 3_600))

    @Option(help: "Keep so many bases, and the log behind the oldest of them.")
    var keep = 7

    private static func pace(_ text: String) throws -> BasePace {
        guard let pace = BasePace(text) else {
            throw ValidationError("--base-every takes a number of entries or a time such as 30m, 6h or 7d.")
        }
        return pace
    }

    func validate() throws {
        guard (1...10_000).contains(keep) else { throw ValidationError("An archive keeps 1 to 10000 bases.") }
    }

    func run() async throws {
        let key = try encryption.key()
        let status = StatusLine()
        switch to {
        case .file(let path):
            let lock = try ArchiveLock(folder: path)
            defer { withExtendedLifetime(lock) {} }
            try await archive(in: ArchiveFolder(path: path, key: key), status)
        case .object(let prefix):
            try await S3Client.with { s3 in
                let lease = try await ArchiveLease.take(prefix, over: s3, status: status)
                do {
                    try await ArchiveBucket.with(prefix, over: s3, key: key) { bucket in
                        try await archive(in: bucket, holding: lease, status)
                    }
                } catch {
                    await lease.release()
                    throw error
                }
                await lease.release()
            }
        }
    }

    /// Does it as long as this process has the lease.
    private func archive(in bucket: ArchiveBucket, holding lease: ArchiveLease, _ status: StatusLine) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await lease.hold() }
            group.addTask { try await archive(in: bucket, status) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func archive(in place: any ArchivePlace, _ status: StatusLine) async throws {
        try await gateway.withClient(patience: .seconds(30), connections: 2) { client in
            let bases = BaseTaker(client: client, place: place, pace: basePace, keep: keep)
            let archiver = try await Archiver(client, bases, status: status)
            guard !once else {
                var archiver = archiver
                return try await archiver.catchUp()
            }
            let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await archiver.run() }
                group.addTask { for await _ in signals { return } }
                try await group.next()
                group.cancelAll()
                try? await group.waitForAll()
            }
        }
    }
}
