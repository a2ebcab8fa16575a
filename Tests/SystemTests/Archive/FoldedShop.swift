import Audit
import EventSourcing
import Storage

/// What the logs in a stopped node's data directory make of a shop, up to some place.
enum FoldedShop {
    private static let atOnce = (records: 4_096, bytes: 1 << 20)

    /// From the first record on, which has to be there.
    static func records(of dataDirectory: String, upTo position: LogPosition) throws -> ShopAudit {
        try fold(dataDirectory, position) { $0.first }
    }

    /// From the saved states on, as a node that starts does it.
    static func states(of dataDirectory: String, upTo position: LogPosition) throws -> ShopAudit {
        try fold(dataDirectory, position, beginningAtStates: true) { $0.checkpoint.next }
    }

    private static func fold(
        _ path: String, _ position: LogPosition, beginningAtStates: Bool = false, from: (OfflineLog) -> LogIndex
    ) throws -> ShopAudit {
        let directory = try OfflineDirectory(path: path)
        defer { directory.close() }
        var audit = ShopAudit(shards: directory.logs.count)
        for (log, states) in zip(directory.logs, directory.states) {
            if beginningAtStates { try audit.begin(states, of: log.shard) }
            var next = max(from(log), log.first)
            let end = position[log.shard]
            while next <= end {
                let records = try log.records(from: next, countMax: atOnce.records, bytesMax: atOnce.bytes)
                for record in records where record.index <= end { audit.take(record, of: log.shard) }
                guard let last = records.last else { break }
                next = last.index.next
            }
        }
        return audit
    }
}
