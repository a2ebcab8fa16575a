import Commerce
import EventSourcing
import Schema
import Testing

/// Bytes off a disk may be anything: reading them gives an error or a value, and never a trap.
@Suite struct CorruptionTests {
    @Test func anEventCutShortIsRefused() {
        for samples in allSamples { cutEvents(samples) }
    }

    private func cutEvents<S: Samples>(_: S.Type) {
        for (label, event) in S.events {
            let bytes = S.A.bytes(of: event)
            for length in 0..<bytes.count {
                #expect(throws: MalformedBytes.self, "\(S.name) \(label) cut to \(length)") {
                    try S.A.decodeEvent(bytes[..<length])
                }
            }
            #expect(throws: MalformedBytes.self, "\(S.name) \(label) and a byte more") {
                try S.A.decodeEvent((bytes + [0])[...])
            }
        }
    }

    @Test func aStateCutShortIsNeverTakenForTheWhole() {
        for samples in allSamples { cutStates(samples) }
    }

    private func cutStates<S: Samples>(_: S.Type) {
        for (label, state) in S.states {
            let bytes = state.stateBytes
            for length in 0..<bytes.count {
                let read = try? S.A.decodeState(bytes[..<length], id: S.id)
                #expect(read != state, "\(S.name) \(label) cut to \(length)")
            }
            #expect(throws: MalformedBytes.self, "\(S.name) \(label) and a byte more") {
                try S.A.decodeState((bytes + [0])[...], id: S.id)
            }
        }
    }

    @Test func aFlippedBitGivesAnErrorOrAValue() {
        for samples in allSamples { flip(samples) }
    }

    private func flip<S: Samples>(_: S.Type) {
        for (_, event) in S.events { flips(of: S.A.bytes(of: event)) { readEvent(S.self, $0) } }
        for (_, state) in S.states { flips(of: state.stateBytes) { readState(S.self, $0) } }
    }

    private func flips(of bytes: [UInt8], _ read: ([UInt8]) -> Void) {
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            read(flipped)
        }
    }

    /// What can be read can be written and read again, and answers what a shell asks of it.
    private func readEvent<S: Samples>(_: S.Type, _ bytes: [UInt8]) {
        guard let event = try? S.A.decodeEvent(bytes[...]) else { return }
        #expect((try? S.A.decodeEvent(S.A.bytes(of: event)[...])) == event)
        _ = S.A.isHistory(event)
    }

    private func readState<S: Samples>(_: S.Type, _ bytes: [UInt8]) {
        guard let state = try? S.A.decodeState(bytes[...], id: S.id) else { return }
        #expect((try? S.A.decodeState(state.stateBytes[...], id: S.id)) == state)
        _ = (state.wakeAt, state.forgetAfter, state.listing)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func noiseGivesAnErrorOrAValue(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            var noise = (0..<generator.below(80)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Half the time the numbers in front are good ones, so that the fields are reached.
            if generator.oneIn(2), noise.count > 2 {
                noise.replaceSubrange(0..<2, with: [UInt8(1 + generator.below(10)), 1])
            }
            for samples in allSamples { readNoise(samples, noise) }
            let kind = AggregateKind(rawValue: UInt8(generator.below(12)))
            _ = try? RetailEvent(kind: kind, id: noise.prefix(16), event: noise[...])
        }
    }

    private func readNoise<S: Samples>(_: S.Type, _ noise: [UInt8]) {
        readEvent(S.self, noise)
        readState(S.self, noise)
    }

    /// A count of elements says how many there are, not how much memory to set aside.
    @Test func aHugeCountIsRefusedBeforeAnythingIsAllocated() {
        let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        for count in [huge, [0x80, 0x80, 0x80, 0x80, 0x10], [0x40]] {
            #expect(throws: MalformedBytes.self) { try Product.decodeEvent(([6, 1] + count + [0, 0, 0])[...]) }
            #expect(throws: MalformedBytes.self) { try Cart.decodeState(([1] + count + [0, 0, 0])[...], id: customer) }
            #expect(throws: MalformedBytes.self) { try Stock.decodeState(([1, 5] + count + [0, 0, 0])[...], id: lamp) }
            #expect(throws: MalformedBytes.self) { try Account.decodeEvent(([2, 1] + count)[...]) }
        }
    }

    @Test func reservationsThatContradictTheStockAreRefused() throws {
        var stock = Stock(id: lamp)
        stock.apply(.received(5, reference: nil))
        stock.apply(.reserved(.order(order), 5, until: nil))
        var bytes = stock.stateBytes
        #expect(bytes[1] == 5, "the units on hand stand behind the schema number")
        bytes[1] = 4
        #expect(throws: MalformedBytes.self) { try Stock.decodeState(bytes[...], id: lamp) }
    }

    @Test func aTotalThatDoesNotFitIsRefused() {
        let line = OrderLine(sku: lamp, quantity: .max, unitPrice: .max)
        let placement = Placement(
            customer: customer, lines: [line], currency: .gbp, placedBy: customer, deadline: .noon)
        #expect(throws: MalformedBytes.self) {
            try Order.decodeEvent(Order.bytes(of: .placed(placement, at: .noon))[...])
        }
    }
}
