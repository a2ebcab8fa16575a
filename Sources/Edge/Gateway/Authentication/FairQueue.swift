/// Work that waits, by who has asked for it: each caller has its turn, however much another has asked for.
struct FairQueue<Element: Sendable>: Sendable {
    /// What became of work that was to wait.
    enum Outcome: Sendable {
        case taken
        /// It waits in the place of this one, the last of the caller that has the most waiting.
        case takenInsteadOf(Element)
        case refused
    }

    private var waiting: [Int: [Element]] = [:]
    /// Callers in the order of their turns.
    private var turns: [Int] = []
    private(set) var count = 0
    private let max: Int
    private let perCallerMax: Int

    init(max: Int, perCallerMax: Int) {
        self.max = max
        self.perCallerMax = perCallerMax
    }

    mutating func append(_ element: Element, of caller: Int) -> Outcome {
        let own = waiting[caller]?.count ?? 0
        guard own < perCallerMax else { return .refused }
        var displaced: Element?
        if count >= max {
            guard let longest = waiting.max(by: { $0.value.count < $1.value.count }), longest.value.count > own + 1,
                let last = waiting[longest.key]?.popLast()
            else { return .refused }
            displaced = last
            count -= 1
        }
        if own == 0 { turns.append(caller) }
        waiting[caller, default: []].append(element)
        count += 1
        return displaced.map { .takenInsteadOf($0) } ?? .taken
    }

    /// The next of the caller whose turn it is.
    mutating func popFirst() -> Element? {
        guard !turns.isEmpty else { return nil }
        let caller = turns.removeFirst()
        guard var own = waiting[caller], !own.isEmpty else { preconditionFailure("a caller with a turn has work") }
        let element = own.removeFirst()
        count -= 1
        waiting[caller] = own.isEmpty ? nil : own
        if !own.isEmpty { turns.append(caller) }
        return element
    }
}
