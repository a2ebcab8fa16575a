import Consensus
import EventSourcing

extension JournalRecord {
    /// The record that an entry carries; nil when it is none of the shop's.
    init?(_ entry: Entry) { return nil }
}
