import Commerce
import EventSourcing
import Schema
import Testing

/// What is promised outside the code for ever: the numbers of kinds, which stand in logs, and the names of events,
/// which clients of the feed know.
@Suite struct RegistryTests {
    @Test func everyKindKeepsItsNumber() throws {
        let golden = try GoldenTests.text(of: "kinds").split(separator: "\n").map(String.init)
        let kinds = allSamples.map { samples in "\(number(samples)) \(samples.name)" }
        #expect(Set(kinds) == Set(golden), "Golden/kinds.txt has a line for each kind: its number, its golden file")
        #expect(Set(kinds.map { $0.prefix { $0 != " " } }).count == kinds.count, "a number is given once")
    }

    private func number<S: Samples>(_: S.Type) -> UInt8 { S.A.kind.rawValue }

    @Test func everyNameIsKeptForEver() throws {
        let golden = try GoldenTests.text(of: "event-names").split(separator: "\n").map(String.init)
        let names = Registry.aggregates.flatMap { publicNames(of: $0) }
        #expect(Set(names).count == names.count, "a name is given once")
        #expect(Set(names) == Set(golden), "Golden/event-names.txt has a line for each name")
        for name in golden { #expect(EventName(name)?.description == name) }
        #expect(EventName("OrderLost") == nil)
    }

    private func publicNames<A: RetailAggregate>(of _: A.Type) -> [String] { A.PublicName.allCases.map(\.rawValue) }

    @Test func everyNameIsThatOfAnEventAndSaysWhatHappened() throws {
        var given: Set<String> = []
        for samples in allSamples { given.formUnion(try check(samples)) }
        let names = Registry.aggregates.flatMap { publicNames(of: $0) }
        #expect(given == Set(names), "each name is given to a sample")
    }

    @Test func everyEventHasOneNameThatAPrintedLogKeeps() throws {
        let golden = try GoldenTests.text(of: "inner-event-names").split(separator: "\n").map(String.init)
        var inner: [String] = []
        for samples in allSamples { inner += innerNames(samples) }
        #expect(Set(inner) == Set(golden), "Golden/inner-event-names.txt has a line for each inner name")
        let names = Registry.aggregates.flatMap { publicNames(of: $0) }
        #expect(Set(names).isDisjoint(with: inner), "a name is given once")
    }

    private func innerNames<S: Samples>(_: S.Type) -> [String] {
        S.events.compactMap { label, event in
            let name = S.A.innerName(of: event)
            #expect((name == nil) == (S.A.publicName(of: event) != nil), "\(S.name) \(label): one name or the other")
            return name
        }
    }

    private func check<S: Samples>(_: S.Type) throws -> [String] {
        var id: [UInt8] = []
        S.id.encode(into: &id)
        return try S.events.compactMap { label, event in
            let read = try RetailEvent(kind: S.A.kind, id: id[...], event: S.A.bytes(of: event)[...])
            #expect(read.subject == S.id.description && read.label.hasSuffix(S.id.description))
            let text = "\(read.fields())"
            for secret in ["hash", "digest", "secret", "token"] {
                #expect(!text.lowercased().contains(secret), "\(S.name) \(label): \(text)")
            }
            return read.name?.description
        }
    }
}
