import Audit
import Checkout
import EventSourcing
import Testing

@testable import ActorSystem

@Suite("What a node owns") struct AuditedKindTests {
    @Test("is judged, every kind of it")
    func everyKind() {
        for kind in OwnedKind.all.map({ $0.makeTable().kind }) {
            var body = RecordBodyWriter(kinds: [kind])
            body.beginEntry(kind: kind, versionBefore: 0, events: 1) { $0 += [0] }
            body.writeEvent { $0 += [0] }
            var audit = ShopAudit(shards: 1)
            audit.take(JournalRecord(index: LogIndex(1), time: .zero, bytes: body.bytes[...]), of: ShardID(0))
            let findings = audit.findings.first.map(\.what)
            #expect(!findings.isEmpty && !findings.contains { $0.contains("unknown kind") }, "\(kind): \(findings)")
        }
    }
}
