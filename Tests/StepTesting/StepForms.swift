import ActorSystem
import EventSourcing
import Foundation
import Testing

/// The bytes of the steps, answers and refusals of one target, in its tests' `Golden/steps.txt`: number, form, name,
/// hexadecimal. A line is never changed or removed: nodes of two versions talk to each other while one replaces the
/// other.
public struct StepForms: Sendable {
    private let tests: URL
    private let sources: URL
    private let table: [TakenStep]
    private let samples: [StepSample]

    /// - Parameters:
    ///   - file: of the suite, in the folder of the target's tests.
    ///   - sources: the target's folder, such as `Sources/Shop/Inventory`.
    public init(of samples: [StepSample], in table: [TakenStep], sources: String, file: String = #filePath) {
        self.samples = samples
        self.table = StepTable(table).all
        tests = URL(fileURLWithPath: file).deletingLastPathComponent()
        self.sources = tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: sources)
    }

    private func golden() throws -> [String: String] {
        let text = try String(contentsOf: tests.appending(path: "Golden/steps.txt"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { line in
            let end = line.lastIndex(of: " ") ?? line.endIndex
            return (String(line[..<end]), String(line[end...].dropFirst()))
        }
        return Dictionary(uniqueKeysWithValues: lines)
    }

    /// Every sample has its golden bytes, and is read from them; every golden line has a sample.
    public func expectGolden() throws {
        let golden = try self.golden()
        for sample in samples {
            let text = sample.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(golden[sample.label] == text, "golden line: \(sample.label) \(text)")
            #expect(try sample.again(sample.bytes[...]) == sample.bytes, "\(sample.label)")
            #expect(try sample.textRead() == sample.text, "\(sample.label) is not read as it was written")
        }
        #expect(golden.count == samples.count, "every golden line has a sample")
    }

    /// Every optional field of a step is there in a sample: what no sample has can be lost unseen.
    public func expectFields() {
        var census = FieldCensus()
        for sample in samples { sample.count(&census) }
        #expect(census.absent.subtracting(census.present) == [], "no step has it")
    }

    /// No sample is read from fewer bytes, or from more.
    public func expectExactLengths() {
        for sample in samples {
            for count in sample.bytes.indices {
                #expect(throws: MalformedBytes.self, "\(sample.label), \(count) bytes") {
                    try sample.again(sample.bytes.prefix(count))
                }
            }
            #expect(throws: MalformedBytes.self, "\(sample.label) and a byte") {
                try sample.again(sample.bytes[...] + [0])
            }
        }
    }

    /// The table has the steps and procedures that the target declares, and each has a golden line.
    public func expectComplete() throws {
        let forms = try golden().keys.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        for step in table {
            #expect(forms.contains("\(step.number.rawValue) step"), "\(step.name) has no golden line")
        }
        let names = Set(table.map(\.name))
        let declaration = /struct (\w+): (?:Shard|Keyed)(?:Step|Procedure)/
        var found: Set<String> = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: sources.path) where file.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
            found.formUnion(text.matches(of: declaration).map { String($0.1) })
        }
        #expect(found.subtracting(names).isEmpty, "steps that no node takes")
        #expect(names.subtracting(found).isEmpty, "steps that are declared elsewhere")
    }
}
