import Synchronization

/// Decides requests one after another, and answers each once what it rests on is durable.
final class LedgerKeeper: Sendable {
    private let ledger: Mutex<ChargeLedger>
    private let file: LedgerFile?

    /// - Parameter path: where the ledger is kept; nil for memory only.
    init(path: String?, entriesMax: Int = ChargeLedger.entriesMax) throws {
        var ledger = ChargeLedger(entriesMax: entriesMax)
        file = try path.map { path in try LedgerFile(path: path) { ledger.apply($0) } }
        self.ledger = Mutex(ledger)
    }

    /// The ledger as it is, what is not yet durable included.
    var snapshot: ChargeLedger { ledger.withLock { $0 } }

    var summary: Summary { ledger.withLock(\.summary) }

    /// Performs `request`, and returns or throws its answer once everything decided so far is durable.
    func perform<Answer: Sendable>(_ request: (inout ChargeLedger) throws(Refusal) -> Answer) async throws -> Answer {
        let (answer, number) = try ledger.withLock { ledger in
            let answer = Result { () throws(Refusal) in try request(&ledger) }
            return (answer, try file?.append(ledger.takeUnsaved()))
        }
        if let file, let number { try await file.flush(through: number) }
        return try answer.get()
    }
}
