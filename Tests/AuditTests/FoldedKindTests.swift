import Commerce
import EventSourcing
import Schema
import Testing

@testable import Audit

@Suite("What an audit folds") struct FoldedKindTests {
    @Test("is every kind of aggregate, each once")
    func everyKind() {
        let kinds = ShopAudit.folded.map(\.kind) + [Stock.kind]
        #expect(Set(kinds).count == kinds.count)
        #expect(Set(kinds) == Set(Registry.aggregates.map { $0.kind }))
    }
}
