import EventSourcing
import Foundation

/// What was never archived: retention had deleted it by then.
struct ArchiveGap: Encodable {
    /// The last that was archived before it.
    let after: String
    /// The base behind it.
    let through: String
    let noticedAt: Date

    init(from after: LogPosition, to through: LogPosition, noticed: Timestamp) {
        self.after = "\(after)"
        self.through = "\(through)"
        noticedAt = Date(timeIntervalSince1970: Double(noticed.microseconds) / 1e6)
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let output = try OutputFile(path: path, replacing: true)
        do {
            try output.append(Array(try encoder.encode(self)))
            try output.finish()
        } catch {
            output.abandon()
            throw error
        }
    }
}
