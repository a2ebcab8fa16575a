import EventSourcing
import Testing
import Transport

@Suite("Limits of the transport")
struct TransportLimitsTests {
    @Test("a frame has room for the longest record")
    func room() { #expect(TransportLimits().frameBytesMax > JournalRecord.bytesMax) }
}
