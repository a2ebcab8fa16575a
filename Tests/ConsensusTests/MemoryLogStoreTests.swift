import Consensus
import ConsensusTesting
import Testing

@Suite("The log store in memory")
struct MemoryLogStoreTests {
    @Test("does what every log store has to do")
    func suite() throws { try LogStoreSuite(make: { MemoryLogStore() }, reopen: { $0 }).runAll() }

    @Test(
        "throws for good once a write has failed", arguments: [LogStoreFailure.Code.device, .full, .damaged, .closed])
    func failure(code: LogStoreFailure.Code) throws {
        let store = MemoryLogStore()
        store.fail(code)
        #expect(throws: LogStoreFailure.self) { try store.write([GroupWrite(group: GroupID(1))]) }
        #expect(throws: LogStoreFailure.self) { try store.write([GroupWrite(group: GroupID(2))]) }
    }

    @Test("stops the process at a gap")
    func gap() async {
        await #expect(processExitsWith: .failure) {
            let entry = Entry(id: EntryID(term: Term(1), index: EntryIndex(3)), payload: .empty)
            try MemoryLogStore().write([GroupWrite(group: GroupID(1), log: LogWrite(sequence: 1, entries: [entry]))])
        }
    }
}
