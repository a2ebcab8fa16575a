import ActorSystem
import EventSourcing
import Foundation
import Inventory
import Testing

/// The bytes of every step, answer and refusal, in `Golden/steps.txt`: number, form, name, hexadecimal. A line is never
/// changed or removed: nodes of two versions talk to each other while one replaces the other.
@Suite("The wire form of steps") struct StepFormTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    private static func golden() throws -> [String: String] {
        let text = try String(contentsOf: folder.appending(path: "Golden/steps.txt"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { line in
            let end = line.lastIndex(of: " ") ?? line.endIndex
            return (String(line[..<end]), String(line[end...].dropFirst()))
        }
        return Dictionary(uniqueKeysWithValues: lines)
    }

    @Test("is what it was")
    func golden() throws {
        let golden = try Self.golden()
        for sample in StepSample.all {
            let text = sample.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(golden[sample.label] == text, "golden line: \(sample.label) \(text)")
            #expect(try sample.again(sample.bytes[...]) == sample.bytes, "\(sample.label)")
        }
        #expect(golden.count == StepSample.all.count, "every golden line has a sample")
    }

    @Test("ends where its last field does")
    func lengths() {
        for sample in StepSample.all where !sample.label.hasSuffix("document") {
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

    @Test("is golden for every step in the table")
    func everyStep() throws {
        let forms = try Self.golden().keys.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        for step in StepTable(InventorySteps.all).all {
            #expect(forms.contains("\(step.number.rawValue) step"), "\(step.name) has no golden line")
        }
    }

    @Test("is known to the table for every step of this target")
    func everyType() throws {
        let names = Set(StepTable(InventorySteps.all).all.map(\.name))
        let sources = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Shop/Inventory")
        let declaration = /struct (\w+): ShardStep/
        var found: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: sources.path) {
            let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
            found.formUnion(text.matches(of: declaration).map { String($0.1) })
        }
        #expect(found.subtracting(names).isEmpty, "steps that no node takes")
        #expect(names.subtracting(found).isEmpty, "steps that are declared elsewhere")
    }
}
