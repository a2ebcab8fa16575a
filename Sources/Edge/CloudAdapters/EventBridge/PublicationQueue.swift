/// What is still to be told to the bus, and in which batches: a pure value.
///
/// Invariant: of each subject at most one event is under way, and it is the oldest that is not told. So a failed entry
/// is tried again alone, and no later event of its subject overtakes it.
struct PublicationQueue {
    /// The service's own limit.
    static let batchEntriesMax = 10

    struct Batch: Sendable {
        let entries: [EventEntry]
        /// Where each of them stood.
        fileprivate let places: [Int]
    }

    private let entries: [EventEntry]
    /// Places of what is neither told nor under way, ascending.
    private var waiting: [Int]
    private var subjectsUnderWay: Set<String> = []

    /// - Parameter entries: in the order of the log.
    init(_ entries: [EventEntry]) {
        self.entries = entries
        waiting = Array(entries.indices)
    }

    /// Whether nothing is left to begin.
    var isEmpty: Bool { waiting.isEmpty }

    /// The oldest that may be told now; nil when there is nothing of the kind.
    mutating func nextBatch() -> Batch? {
        var taken: [Int] = []
        var bytes = 0
        var blocked = subjectsUnderWay
        var left: [Int] = []
        for (position, place) in waiting.enumerated() {
            let entry = entries[place]
            let isFull = taken.count == Self.batchEntriesMax || bytes + entry.size > EventEntry.bytesMax
            if isFull, !taken.isEmpty {
                left += waiting[position...]
                break
            }
            guard blocked.insert(entry.subject).inserted else {
                left.append(place)
                continue
            }
            taken.append(place)
            bytes += entry.size
        }
        guard !taken.isEmpty else { return nil }
        waiting = left
        let batch = Batch(entries: taken.map { entries[$0] }, places: taken)
        subjectsUnderWay.formUnion(batch.entries.map(\.subject))
        return batch
    }

    /// - Parameter isTold: of each entry of the batch, in its order; the others are begun again, oldest first.
    mutating func ended(_ batch: Batch, isTold: [Bool]) {
        precondition(isTold.count == batch.entries.count, "each entry ended in one way")
        subjectsUnderWay.subtract(batch.entries.map(\.subject))
        let failed = zip(batch.places, isTold).filter { !$0.1 }.map(\.0)
        if !failed.isEmpty { waiting = (waiting + failed).sorted() }
    }
}
