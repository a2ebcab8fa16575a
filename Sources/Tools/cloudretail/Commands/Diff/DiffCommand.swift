import ArgumentParser
import Commerce
import Foundation
import Snapshots

/// `cloudretail diff`: what changed between two snapshots.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Print what changed between two snapshots: orders, stock, products and prices.",
        discussion: """
            Both files are proved first. One line tells of each order that is new or stands elsewhere, each SKU of \
            which the count or what is reserved has changed, and each product that is new or has other prices or \
            details; the last line counts them. The snapshots may have other numbers of shards. Exits with 0 when \
            both could be compared, whatever differs, and with 1 when one cannot be read.
            """)

    @Argument(help: "The earlier snapshot: a file, or an object of S3.", transform: SnapshotPlace.parse)
    var from: SnapshotPlace

    @Argument(help: "The later snapshot.", transform: SnapshotPlace.parse)
    var to: SnapshotPlace

    @OptionGroup var encryption: EncryptionOptions

    @Flag(help: "Print an object of JSON on each line, the last one with the counts.")
    var json = false

    func run() async throws {
        let key = try encryption.key()
        try await from.withSnapshot(key: key) { earlier in
            try await to.withSnapshot(key: key) { later in
                try tell(
                    SnapshotContent(SnapshotFile(path: earlier, key: key)),
                    SnapshotContent(SnapshotFile(path: later, key: key)))
            }
        }
    }

    private func tell(_ earlier: SnapshotContent, _ later: SnapshotContent) throws {
        var counts = DifferenceCounts()
        func show(_ difference: ShopDifference?) throws {
            guard let difference else { return }
            counts.add(difference)
            print(json ? try Self.line(difference) : difference.text)
        }
        try SnapshotContent.forEachPair(of: Order.self, earlier, later) { try show(ShopDifference($0, $1)) }
        try SnapshotContent.forEachPair(of: Stock.self, earlier, later) { try show(ShopDifference($0, $1)) }
        try SnapshotContent.forEachPair(of: Product.self, earlier, later) { try show(ShopDifference($0, $1)) }
        print(json ? try Self.line(counts) : counts.text)
    }

    private static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
