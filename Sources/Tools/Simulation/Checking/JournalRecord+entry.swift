import Consensus
import EventSourcing
import LogFormat

extension JournalRecord {
    /// The record that an entry carries; nil when it is none of the shop's.
    init?(_ entry: Entry) {
        guard let record = RecordPayload.record(of: entry) else { return nil }
        self = record
    }
}
