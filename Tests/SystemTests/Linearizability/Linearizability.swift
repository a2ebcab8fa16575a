/// Decides whether a history is linearizable: whether each operation can be given one moment between its beginning and
/// its end so that, done one by one at these moments, they would have had these outcomes.
///
/// The search of Wing and Gong, "Testing and verifying concurrent objects", 1993, with the memory of Lowe, "Testing for
/// linearizability", 2017: no set of done operations is tried twice in one state.
struct Linearizability<Model: SequentialModel> {
    enum Verdict: Equatable {
        case linearizable
        /// No order explains the history; so many operations of it could be ordered at most.
        case impossible(ordered: Int)
        /// The search was given up: there were too many orders to try.
        case undecided
    }

    /// Sets of done operations that are looked at before the search is given up: some seconds.
    private static var visitsMax: Int { 5_000_000 }

    private let model: Model
    /// In the order of their beginnings.
    private let operations: [ClientOperation<Model>]
    private var tried: Set<Visit> = []
    private var visits = 0
    private var orderedMax = 0

    /// Where the search has been. `done` has one bit for each operation.
    private struct Visit: Hashable {
        let done: [UInt64]
        let state: Model.State
    }

    init(_ operations: [ClientOperation<Model>], model: Model) {
        self.model = model
        self.operations = operations.sorted { $0.begin < $1.begin }
    }

    mutating func verdict() -> Verdict {
        var done = [UInt64](repeating: 0, count: operations.count / 64 + 1)
        let required = operations.count { $0.outcome != nil }
        switch search(&done, from: 0, ordered: 0, required: required, model.initial) {
        case true?: return .linearizable
        case false?: return .impossible(ordered: orderedMax)
        case nil: return .undecided
        }
    }

    /// - Parameters:
    ///   - first: operations before it are done.
    ///   - ordered: how many of those that were answered are done.
    /// - Returns: nil when the search was given up.
    private mutating func search(
        _ done: inout [UInt64], from first: Int, ordered: Int, required: Int, _ state: Model.State
    ) -> Bool? {
        orderedMax = max(orderedMax, ordered)
        // Those that were not answered need not have been done.
        if ordered == required { return true }
        visits += 1
        guard visits <= Self.visitsMax else { return nil }
        guard tried.insert(Visit(done: done, state: state)).inserted else { return false }
        var first = first
        while done.contains(first) { first += 1 }
        // The next one has begun before any that is left has ended.
        let limit = firstEnd(of: done, from: first)
        var position = first
        while position < operations.count, operations[position].begin <= limit {
            defer { position += 1 }
            guard !done.contains(position) else { continue }
            let next = operations[position]
            guard let behind = model.state(after: next.operation, told: next.outcome, in: state) else { continue }
            done.insert(position)
            let count = next.outcome == nil ? ordered : ordered + 1
            let result = search(&done, from: first, ordered: count, required: required, behind)
            if result != false { return result }
            done.remove(position)
        }
        return false
    }

    /// The earliest end among the operations that are not done; the end of all time when none of them was answered.
    private func firstEnd(of done: [UInt64], from first: Int) -> UInt64 {
        var earliest = UInt64.max
        for position in first..<operations.count {
            let operation = operations[position]
            // Those behind it have ended even later.
            guard operation.begin <= earliest else { break }
            if !done.contains(position), operation.outcome != nil { earliest = min(earliest, operation.end) }
        }
        return earliest
    }
}

extension [UInt64] {
    /// As a set of small numbers.
    fileprivate func contains(_ number: Int) -> Bool { self[number / 64] & 1 << (number % 64) != 0 }
    fileprivate mutating func insert(_ number: Int) { self[number / 64] |= 1 << (number % 64) }
    fileprivate mutating func remove(_ number: Int) { self[number / 64] &= ~(1 << (number % 64)) }
}
