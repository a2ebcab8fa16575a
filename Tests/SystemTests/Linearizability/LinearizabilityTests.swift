import Testing

/// What the judge of histories says of those that are right and of those that are not.
@Suite("The judge of histories")
struct LinearizabilityTests {
    private typealias Stock = ClientOperation<StockModel>

    private static func stock(
        _ client: Int, _ operation: StockModel.Operation, _ outcome: StockModel.Outcome?, _ begin: UInt64,
        _ end: UInt64
    ) -> ClientOperation<StockModel> {
        ClientOperation(client: client, operation: operation, outcome: outcome, begin: begin, end: end)
    }

    private static func verdict(
        _ operations: [ClientOperation<StockModel>], of units: Int
    ) -> Linearizability<StockModel>.Verdict {
        var judge = Linearizability(operations, model: StockModel(initial: units))
        return judge.verdict()
    }

    @Test("what overlaps may have happened in any order")
    func overlapping() {
        let history = [
            Self.stock(1, .order(units: 2), .done, 0, 100), Self.stock(2, .read, .available(1), 10, 20),
            Self.stock(3, .read, .available(1), 30, 40), Self.stock(2, .order(units: 2), .tooFew, 50, 60),
        ]
        #expect(Self.verdict(history, of: 3) == .linearizable)
    }

    @Test("one unit is sold to one of two")
    func oversold() {
        let history = [
            Self.stock(1, .order(units: 1), .done, 0, 100), Self.stock(2, .order(units: 1), .done, 0, 100),
        ]
        #expect(Self.verdict(history, of: 1) == .impossible(ordered: 1))
    }

    @Test("a read that begins after an answer shows what was answered")
    func staleRead() {
        let history = [Self.stock(1, .order(units: 1), .done, 0, 10), Self.stock(2, .read, .available(5), 11, 20)]
        #expect(Self.verdict(history, of: 5) == .impossible(ordered: 1))
    }

    @Test("once a read has shown a change, no later read is without it")
    func backwards() {
        let history = [
            Self.stock(1, .order(units: 1), .done, 0, 100), Self.stock(2, .read, .available(4), 10, 20),
            Self.stock(3, .read, .available(5), 30, 40),
        ]
        #expect(Self.verdict(history, of: 5) == .impossible(ordered: 2))
    }

    @Test("an order without an answer was done or was not, once", arguments: [4, 5])
    func unanswered(seen: Int) {
        let history = [Self.stock(1, .order(units: 1), nil, 0, 0), Self.stock(2, .read, .available(seen), 10, 20)]
        #expect(Self.verdict(history, of: 5) == .linearizable)
        let doubled = [Self.stock(1, .order(units: 1), nil, 0, 0), Self.stock(2, .read, .available(3), 10, 20)]
        #expect(Self.verdict(doubled, of: 5) == .impossible(ordered: 0))
    }

    @Test("a refusal needs a moment at which there was too little")
    func refusal() {
        let history = [
            Self.stock(1, .receive(units: 5), .done, 0, 10), Self.stock(2, .order(units: 1), .tooFew, 11, 20),
        ]
        #expect(Self.verdict(history, of: 0) == .impossible(ordered: 1))
    }

    @Test("a long history of many clients is decided soon")
    func long() {
        var generator = SplitMix(state: 7)
        var available = 10_000
        var history: [ClientOperation<StockModel>] = []
        for moment in 0..<300 as Range<UInt64> {
            let units = Int.random(in: 1...3, using: &generator)
            available -= units
            // Ten at a time: each begins early and ends late around the moment at which it is done.
            history.append(
                Self.stock(
                    Int(moment % 10), .order(units: units), .done, moment * 10 + 100 - UInt64(units) * 30,
                    moment * 10 + 140))
            history.append(
                Self.stock(10, .read, .available(available), moment * 10 + 105, moment * 10 + 106))
        }
        #expect(Self.verdict(history, of: 10_000) == .linearizable)
    }

    @Test("a value that was overwritten before a read began is not read")
    func register() {
        typealias Operation = ClientOperation<RegisterModel>
        func verdict(_ seen: String) -> Linearizability<RegisterModel>.Verdict {
            let history = [
                Operation(client: 1, operation: .write("b"), outcome: .written, begin: 0, end: 10),
                Operation(client: 1, operation: .write("c"), outcome: .written, begin: 11, end: 20),
                Operation(client: 2, operation: .read, outcome: .value(seen), begin: 12, end: 30),
                Operation(client: 3, operation: .read, outcome: .value("c"), begin: 25, end: 40),
            ]
            var judge = Linearizability(history, model: RegisterModel(initial: "a"))
            return judge.verdict()
        }
        #expect(verdict("b") == .linearizable)
        #expect(verdict("c") == .linearizable)
        #expect(verdict("a") == .impossible(ordered: 3))
    }
}
