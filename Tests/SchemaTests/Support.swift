import Commerce
import EventSourcing
import Schema

/// A small generator with a seed, so that a walk can be taken again. Source: Steele, Lea, Flood, SplitMix64 (2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}

extension Timestamp {
    static let noon = Timestamp(milliseconds: 1_700_000_000_000)
}

let customer = CustomerID(at: .noon, slot: Slot(7), random: 1 << 40)
let staff = CustomerID(at: .noon, slot: Slot(8), random: 9 << 40)
let order = OrderID(at: .noon, slot: Slot(7), random: 2 << 40)
let hold = HoldID(at: .noon, slot: Slot(3), random: 3 << 40)
let product = ProductID(at: .noon, random: 4 << 40)
let lamp = SKU("22941")!
let mug = SKU("35004C")!

func digest(_ byte: UInt8) -> Digest256 { Digest256([UInt8](repeating: byte, count: 32))! }

extension Recorded {
    static func bytes(of event: Event) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(event, into: &bytes)
        return bytes
    }

    var stateBytes: [UInt8] {
        var bytes: [UInt8] = []
        encodeState(into: &bytes)
        return bytes
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func bytes(hexadecimal text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
        guard let byte = UInt8(String(digits[place...place + 1]), radix: 16) else { return nil }
        bytes.append(byte)
    }
    return bytes
}
