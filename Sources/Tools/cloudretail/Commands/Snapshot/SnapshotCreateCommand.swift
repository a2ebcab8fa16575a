import ArgumentParser
import Gateway
import Snapshots
import Storage
import Workload

/// `cloudretail snapshot create`
struct SnapshotCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Write all of a node, one that serves or the data directory of a stopped one, into one file.",
        discussion: """
            The file appears under its name once all of it is on the disk and has been proved. A node that serves \
            goes on, and is asked with an administrator's token. An object of S3 is named s3://BUCKET/KEY; region, \
            credentials and AWS_ENDPOINT_URL come from the environment. One line says what there is: the file, its \
            size, the last record of each shard and the moment; `snapshot inspect` counts what is in it.
            """)

    @Option(name: .customLong("data-dir"), help: "The data directory of a node that is not running.")
    var dataDirectory: String?

    @Option(help: "The gateway of a running node.")
    var url: String?

    @Option(name: .customLong("token-file"), help: "With --url: a file that holds an administrator's token.")
    var tokenFile: String?

    @OptionGroup var trust: TrustOptions

    @Option(help: "The file to write, or the object of S3.", transform: SnapshotPlace.parse)
    var output: SnapshotPlace

    @OptionGroup var encryption: EncryptionOptions

    @Flag(help: "Replace what is there.")
    var force = false

    func validate() throws {
        guard (dataDirectory == nil) != (url == nil) else { throw ValidationError("Give either --data-dir or --url.") }
        guard (url == nil) == (tokenFile == nil) else { throw ValidationError("--url and --token-file go together.") }
        guard url.map({ GatewayAddress($0) != nil }) ?? true else {
            throw ValidationError(
                "--url takes an HTTP URL without user, password, query or fragment, such as http://127.0.0.1:8080.")
        }
    }

    func run() async throws {
        if let dataDirectory { try await create(of: dataDirectory) }
        if let address = url.flatMap(GatewayAddress.init), let tokenFile {
            try await create(from: address, TokenFile(path: tokenFile))
        }
    }

    private func create(of path: String) async throws {
        let directory = try OfflineDirectory(path: path)
        defer { directory.close() }
        try await create { output in
            try SnapshotStream(of: try directory.hold(), takenAt: Engine.now(), program: CloudRetail.version)
                .write(to: output)
        }
    }

    private func create(from address: GatewayAddress, _ tokens: TokenFile) async throws {
        try await GatewayClient.with(
            addresses: [address], tokens: tokens, trusting: trust.certificates(),
            patience: .init(limit: .seconds(30)), connections: 1
        ) { client in
            try await create { output in try await client.snapshot { try output.append($0) } }
        }
    }

    /// Writes it, says meanwhile how far it is, and in the end what there is.
    private func create(_ fill: (OutputFile) async throws -> Void) async throws {
        let status = StatusLine()
        let created: (header: SnapshotHeader, size: Int)
        do {
            defer { status.clear() }
            created = try await output.create(
                replacing: force, key: try encryption.key(), progress: { status.show(Self.size($0)) },
                fill)
        }
        let (header, size) = created
        print("\(output): \(Self.size(size)), up to record \(header.end), \(header.takenAt.rfc3339)")
    }

    private static func size(_ bytes: Int) -> String {
        guard bytes >= 1_000_000 else { return "\((bytes + 999) / 1_000) kB" }
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}
