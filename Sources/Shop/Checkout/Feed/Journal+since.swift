import EventSourcing

extension Journal {
    /// The first record at or after `begin`, or the first that is kept, by binary search: records are stamped in their
    /// order.
    package func first(since begin: Timestamp) throws -> LogIndex {
        while true {
            var (lower, upper) = (first, committed.next)
            do {
                while lower < upper {
                    let middle = LogIndex(lower.rawValue + (upper.rawValue - lower.rawValue) / 2)
                    let record = try records(from: middle, countMax: 1, bytesMax: 1).first
                    // Behind the last record there are only entries that are none.
                    if let record, record.time < begin { lower = record.index.next } else { upper = middle }
                }
                return lower
            } catch is LogTruncated {
                // Retention has gone on meanwhile.
            }
        }
    }
}
