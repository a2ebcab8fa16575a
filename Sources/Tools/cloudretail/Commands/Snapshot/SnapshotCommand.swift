import ArgumentParser
import Snapshots
import Workload

/// `cloudretail snapshot`: one file that holds a shop.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Take a snapshot of a shop, look into one, prove one.",
        subcommands: [SnapshotCreateCommand.self, Inspect.self, Verify.self])

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what a snapshot holds, once every checksum has been proved.")

        @Argument(help: "The file, or the object of S3.", transform: SnapshotPlace.parse)
        var place: SnapshotPlace

        @OptionGroup var encryption: EncryptionOptions

        @Flag(help: "Print one object of JSON.")
        var json = false

        func run() async throws {
            let key = try encryption.key()
            try await place.withSnapshot(key: key) { path in
                let snapshot = try SnapshotFile(path: path, key: key)
                let report = SnapshotReport(snapshot, try Verification(snapshot).audit)
                print(json ? try report.json() : report.text)
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove a snapshot: every checksum, then all that `verify` proves of a data directory.")

        @Argument(help: "The file, or the object of S3.", transform: SnapshotPlace.parse)
        var place: SnapshotPlace

        @OptionGroup var encryption: EncryptionOptions

        func run() async throws {
            let key = try encryption.key()
            try await place.withSnapshot(key: key) { path in
                let verification = try Verification(try SnapshotFile(path: path, key: key))
                print(verification.report)
                for line in verification.linesToSettle { print(line) }
                try verification.requireSound("\(place)")
            }
        }
    }
}

extension Verification {
    struct Unsound: Error, CustomStringConvertible {
        let description: String
    }

    /// What one shard has yet to hear of another: how much, and the first of it.
    var linesToSettle: [String] {
        let unfitting = audit.unfitting
        guard let first = unfitting.first.first else { return [] }
        let effects = unfitting.count.counted("effect")
        return ["To be settled by a restore: \(effects) of one shard on another, the first \(first)"]
    }

    /// - Throws: how much does not hold, and the first of it.
    func requireSound(_ path: String) throws {
        guard let first = problems.first else { return }
        throw Unsound(description: "\(path) does not hold in \(problemCount.counted("place")), the first \(first)")
    }
}
