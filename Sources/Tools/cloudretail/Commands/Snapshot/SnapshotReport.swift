import Audit
import Foundation
import Snapshots

/// What `snapshot inspect` prints; its counts are those of `verify`.
struct SnapshotReport: Encodable {
    let format: UInt16
    /// As the setting `cluster-id` has it.
    let cluster: String
    let shards: Int
    let takenAt: Date
    /// The last record of each shard, in their order, with commas between.
    let position: String
    /// The version of the program that wrote the file.
    let program: String
    let encrypted: Bool
    let orders: Int
    let skus: Int
    let unitsOnHand: Int64
    let unitsReserved: Int64
    let charges: Int
    let valueMinor: Int64
    let valueMinorByCurrency: [String: Int64]

    init(_ snapshot: SnapshotFile, _ audit: ShopAudit) {
        let header = snapshot.header
        format = SnapshotHeader.format
        cluster = String(header.cluster, radix: 16)
        shards = header.shards.count
        takenAt = Date(timeIntervalSince1970: Double(header.takenAt.microseconds) / 1e6)
        position = header.shards.map { "\($0.end.index.rawValue)" }.joined(separator: ",")
        program = header.program
        encrypted = snapshot.isEncrypted
        orders = audit.orderCount
        skus = audit.skuCount
        unitsOnHand = audit.unitsOnHand
        unitsReserved = audit.unitsReserved
        charges = audit.charges
        valueMinor = audit.valueMinor
        valueMinorByCurrency = audit.valueMinorByCurrency
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        let values = valueMinorByCurrency.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let value = values.isEmpty ? "0" : values.joined(separator: ", ") + " (minor units)"
        return [
            "format          \(format), written by \(program)\(encrypted ? ", encrypted" : "")",
            "cluster         \(cluster)",
            "shards          \(shards)", "taken at        \(takenAt.ISO8601Format())", "position        \(position)",
            "orders          \(orders)", "SKUs            \(skus)", "units on hand   \(unitsOnHand)",
            "units reserved  \(unitsReserved)", "charges         \(charges)", "value           \(value)",
        ].joined(separator: "\n")
    }
}
