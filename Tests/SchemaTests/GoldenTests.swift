import Commerce
import EventSourcing
import Schema
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of every event and state ever shipped, in `Golden/`, one line each: `event|state label hexadecimal`.
///
/// A line is never changed or removed: logs hold those bytes. A new schema number adds lines under the labels that are
/// there; the last of a label is what is written today.
@Suite struct GoldenTests {
    struct Line {
        let form: String
        let label: String
        let bytes: [UInt8]
    }

    static func lines(of name: String) throws -> [Line] {
        try text(of: name).split(separator: "\n").map { line in
            let fields = line.split(separator: " ")
            try #require(fields.count == 3, "\(line)")
            return Line(
                form: String(fields[0]), label: String(fields[1]), bytes: try #require(bytes(hexadecimal: fields[2])))
        }
    }

    /// The golden file of that name.
    static func text(of name: String) throws -> String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return try read("\(folder)/Golden/\(name).txt")
    }

    private static func read(_ path: String) throws -> String {
        let file = try #require(fopen(path, "rb"), "cannot open \(path)")
        defer { fclose(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { text += chunk[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    @Test func whatIsWrittenTodayIsWhatWasWrittenBefore() throws {
        for samples in allSamples { try check(samples) }
    }

    private func check<S: Samples>(_: S.Type) throws {
        let lines = try Self.lines(of: S.name)
        func expect(_ form: String, _ label: String, _ bytes: [UInt8]) {
            let golden = lines.last { $0.form == form && $0.label == label }
            #expect(golden?.bytes == bytes, "golden line of \(S.name): \(form) \(label) \(hexadecimal(bytes))")
        }
        for (label, event) in S.events {
            let bytes = S.A.bytes(of: event)
            expect("event", label, bytes)
            #expect(try S.A.decodeEvent(bytes[...]) == event, "\(S.name) \(label)")
        }
        for (label, state) in S.states {
            expect("state", label, state.stateBytes)
            #expect(try S.A.decodeState(state.stateBytes[...], id: S.id) == state, "\(S.name) \(label)")
        }
    }

    @Test func noSecretIsPrinted() throws {
        for (label, event) in WebhooksSamples.events {
            let bytes = Webhooks.bytes(of: event)
            var id: [UInt8] = []
            WebhooksID().encode(into: &id)
            let text = "\(try RetailEvent(kind: Webhooks.kind, id: id[...], event: bytes[...]).fields())"
            #expect(!text.contains("65, 65") && !text.contains("66, 66"), "\(label): \(text)")
        }
    }

    @Test func whatWasEverWrittenCanStillBeRead() throws {
        for samples in allSamples { try readAll(samples) }
    }

    private func readAll<S: Samples>(_: S.Type) throws {
        for line in try Self.lines(of: S.name) {
            switch line.form {
            case "event": _ = try S.A.decodeEvent(line.bytes[...])
            case "state": _ = try S.A.decodeState(line.bytes[...], id: S.id)
            default: Issue.record("\(S.name): no such form: \(line.form)")
            }
        }
    }

    /// Which version of the cluster each event came with, that is not of the first: a new form belongs to a new one.
    @Test func everyEventHasTheVersionThatItCameWith() throws {
        let golden = Set(try Self.text(of: "versions").split(separator: "\n").map(String.init))
        let lines = allSamples.flatMap { Self.versions($0) }
        for line in lines where !golden.contains(line) { Issue.record("golden line of versions: \(line)") }
        #expect(golden.count == lines.count)
    }

    @Test func aPositionHasTheVersionOfItsConsumer() {
        for consumer in Consumer.allCases {
            let id = ConsumerPositionID(consumer: consumer, source: ShardID(0), slot: Slot(0))
            let version = ConsumerPosition.versionNeeded(for: .advanced(to: LogIndex(1)), of: id)
            #expect(version.rawValue == (consumer.rawValue <= 2 ? 1 : 2), "\(consumer)")
        }
    }

    private static func versions<S: Samples>(_: S.Type) -> [String] {
        S.events.map { "\(S.name) \($0.label) \(S.A.versionNeeded(for: $0.event, of: S.id))" }
    }

    @Test func everyNumberThatCanBeReadHasAGoldenLine() throws {
        for samples in allSamples { try checkNumbers(samples) }
    }

    /// Above every schema number in use; the whole byte would take seconds.
    private static let schemasMax: UInt8 = 16

    private func checkNumbers<S: Samples>(_: S.Type) throws {
        let lines = try Self.lines(of: S.name)
        let events = Set(lines.filter { $0.form == "event" }.map { Array($0.bytes.prefix(2)) })
        let states = Set(lines.filter { $0.form == "state" }.compactMap(\.bytes.first))
        var known = 0
        for number in UInt8.min...UInt8.max {
            for schema in 0...Self.schemasMax where isKnown(S.self, [number, schema]) {
                known += 1
                #expect(events.contains([number, schema]), "\(S.name): event \(number), schema \(schema)")
            }
            let isState = isKnown { () throws(MalformedBytes) in
                _ = try S.A.decodeState(padded([number])[...], id: S.id)
            }
            #expect(isState == states.contains(number), "\(S.name): state schema \(number)")
        }
        #expect(known == events.count, "\(S.name) reads every number it has a line for, and no other")
    }

    private func isKnown<S: Samples>(_: S.Type, _ header: [UInt8]) -> Bool {
        isKnown { () throws(MalformedBytes) in _ = try S.A.decodeEvent(padded(header)[...]) }
    }

    /// Zeros enough to get past a leading time to where an unknown number is refused.
    private func padded(_ header: [UInt8]) -> [UInt8] { header + [UInt8](repeating: 0, count: 64) }

    private func isKnown(_ read: () throws(MalformedBytes) -> Void) -> Bool {
        do {
            try read()
            return true
        } catch {
            return !error.reason.hasPrefix("no such event") && !error.reason.hasPrefix("no such schema")
        }
    }

    @Test func everyKindIsReadByTheRegistry() throws {
        var kinds: Set<UInt8> = []
        for samples in allSamples { kinds.insert(try checkRegistry(samples)) }
        #expect(kinds.count == allSamples.count)
        #expect(kinds == Set(Registry.aggregates.map { $0.kind.rawValue }), "every aggregate has samples")
        for number in UInt8.min...UInt8.max where !kinds.contains(number) {
            #expect(throws: MalformedBytes.self) {
                try RetailEvent(kind: AggregateKind(rawValue: number), id: [], event: [])
            }
        }
    }

    private func checkRegistry<S: Samples>(_: S.Type) throws -> UInt8 {
        var id: [UInt8] = []
        S.id.encode(into: &id)
        for (_, event) in S.events {
            let bytes = S.A.bytes(of: event)
            let read = try #require(try RetailEvent(kind: S.A.kind, id: id[...], event: bytes[...]).of(S.A.self))
            #expect(read.id == S.id && read.event == event, "\(S.name)")
        }
        #expect(throws: MalformedBytes.self) {
            try RetailEvent(kind: S.A.kind, id: [0xff], event: S.A.bytes(of: S.events[0].event)[...])
        }
        return S.A.kind.rawValue
    }
}
