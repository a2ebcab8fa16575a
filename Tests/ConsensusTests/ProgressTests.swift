import Testing

@testable import Consensus

@Suite("What a leader knows about a member")
struct ProgressTests {
    private func window(_ messagesMax: Int, _ bytesMax: Int, adding bytes: [Int]) -> InFlightWindow {
        var window = InFlightWindow(limits: .init(messagesMax: messagesMax, bytesMax: bytesMax))
        for (offset, bytes) in bytes.enumerated() { window.add(last: EntryIndex(UInt64(offset + 1)), bytes: bytes) }
        return window
    }

    @Test("The window closes at a number of messages or of bytes, whichever comes first")
    func limits() {
        #expect(!window(3, 100, adding: [10, 10]).isFull)
        #expect(window(3, 100, adding: [10, 10, 10]).isFull)
        #expect(!window(9, 100, adding: [50, 49]).isFull)
        #expect(window(9, 100, adding: [50, 50]).isFull)
        // The message that crosses the limit still went.
        #expect(window(9, 100, adding: [50, 49, 80]).count == 3)
    }

    @Test("An acknowledgement frees every message up to it")
    func frees() {
        var window = window(5, 100, adding: [10, 20, 30, 20, 20])
        window.free(through: .zero)
        #expect(window.isFull && window.count == 5)
        window.free(through: EntryIndex(1))
        #expect(!window.isFull && window.count == 4)
        window.free(through: EntryIndex(4))
        #expect(window.count == 1)
        window.add(last: EntryIndex(6), bytes: 80)
        #expect(window.isFull)
        window.free(through: EntryIndex(6))
        #expect(!window.isFull && window.count == 0)
    }

    @Test("A stale refusal changes nothing, a fresh one goes back as far as it has to")
    func retreat() {
        var progress = Progress(next: EntryIndex(10), limits: .init(messagesMax: 9, bytesMax: 99), isLearner: false)
        var isFresh = progress.retreat(rejected: EntryIndex(5), hint: EntryIndex(3))
        #expect(!isFresh && progress.next == EntryIndex(10))
        isFresh = progress.retreat(rejected: EntryIndex(9), hint: EntryIndex(3))
        #expect(isFresh && progress.next == EntryIndex(4))
        isFresh = progress.acknowledge(EntryIndex(3))
        progress.becomeReplicate()
        progress.sentEntries(4, bytes: 4)
        #expect(isFresh && progress.next == EntryIndex(8))
        isFresh = progress.retreat(rejected: EntryIndex(3), hint: .zero)
        #expect(!isFresh && progress.next == EntryIndex(8))
        isFresh = progress.retreat(rejected: EntryIndex(5), hint: .zero)
        #expect(isFresh && progress.next == EntryIndex(4))
        // What was acknowledged is refused: to ask again at once would be answered so for ever.
        progress.becomeProbe()
        isFresh = progress.retreat(rejected: EntryIndex(3), hint: .zero)
        #expect(!isFresh && progress.next == EntryIndex(4))
    }
}
