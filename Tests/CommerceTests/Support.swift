import Commerce
import EventSourcing

extension Aggregate {
    /// Decides and applies, as a shell does.
    @discardableResult
    mutating func handle(_ command: Command, at now: Timestamp = .noon) throws(Refusal) -> [Event] {
        let events = try decide(command, at: now)
        for event in events { apply(event) }
        return events
    }
}

extension Timestamp {
    static let noon = Timestamp(milliseconds: 1_700_000_000_000)
}

let customer = CustomerID(at: .noon, slot: Slot(7), random: 1 << 40)
let order = OrderID(at: .noon, slot: Slot(7), random: 2 << 40)
let lamp = SKU("22941")!
let mug = SKU("35004C")!

func digest(_ byte: UInt8) -> Digest256 { Digest256([UInt8](repeating: byte, count: 32))! }
