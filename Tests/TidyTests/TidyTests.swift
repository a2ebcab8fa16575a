import Foundation
import Testing

/// How the code reads, as far as a program can tell. A limit that is passed is a file to be parted or a line to be
/// wrapped, not a limit to be raised.
@Suite("The code") struct TidyTests {
    private static let lineLengthMax = 120
    private static let sourceLinesMax = 300
    private static let testLinesMax = 400
    /// One state machine each, which would be harder to follow in two files.
    private static let longSources: [String: Int] = ["Sources/Engine/Cluster/ReplicaCore.swift": 340]
    /// Put together here, so that this file says none of them. Three X are no reminder, but ISO 4217's code for no
    /// currency.
    private static let reminders = ["TO" + "DO", "FIX" + "ME", "HA" + "CK"]
    private static let pronouns = ["who" + "ever", "no" + "body", "some" + "body", "any" + "body"]
    /// So many are left. It only ever falls.
    private static let pronounsMax = 36
    /// From what knows least to what knows most.
    private static let layers = ["System", "Core", "Engine", "Shop", "Edge", "Tools"]
    /// Of a limit that ends what hangs: how long a test takes says nothing about the product.
    private static let timeLimitMinutesMin = 10

    /// What decides, and what drives it, starts no task of its own: whatever runs has an owner that ends it.
    private static let core = [
        "Accounts", "ActorSystem", "Audit", "Catalogue", "Checkout", "Cluster", "Commerce", "Consensus",
        "EventSourcing", "Inventory", "LogFormat", "Schema", "Steps", "Storage", "Wire",
    ]

    @Test("has lines of at most 120 characters")
    func lineLength() throws {
        let long = try Project("Sources", "Tests", "tools").lines.filter { line in
            // Commands that a person is shown, to be pasted as they stand.
            let isShown = line.path == "tools/run" && ["TOKEN=", "curl "].contains { line.text.hasPrefix($0) }
            return line.text.count > Self.lineLengthMax && !isShown
        }
        #expect(long.isEmpty, "\(Self.list(long))")
    }

    @Test("has files that can be read at once")
    func fileLength() throws {
        for file in try Project("Sources", "Tests").files where file.path != "Package.swift" {
            let limit =
                Self.longSources[file.path]
                ?? (file.path.hasPrefix("Sources") ? Self.sourceLinesMax : Self.testLinesMax)
            #expect(file.lines.count - 1 <= limit, "\(file.path) has \(file.lines.count - 1) lines, not \(limit)")
        }
    }

    @Test("gives tests the time that they take on a machine with much else to do")
    func timeLimits() throws {
        let short = try Project("Tests").lines.filter { line in
            let limits = line.text.matches(of: /timeLimit\(\.minutes\((\d+)/)
            return limits.contains { Int($0.1).map { $0 < Self.timeLimitMinutesMin } ?? true }
        }
        #expect(short.isEmpty, "\(Self.list(short))")
    }

    @Test("leaves nothing for later")
    func reminders() throws {
        let found = try Project("Sources", "Tests", "tools").lines.filter { line in
            Self.reminders.contains { Self.words(of: line.text).contains(Substring($0)) }
        }
        #expect(found.isEmpty, "\(Self.list(found))")
    }

    @Test("names who does what")
    func pronouns() throws {
        let found = try Project("Sources", "Tests", "tools").lines.filter { line in
            let words = Self.words(of: line.text.lowercased()[...])
            return Self.pronouns.contains { words.contains(Substring($0)) }
        }
        #expect(found.count <= Self.pronounsMax, "\(found.count): \(Self.list(found))")
    }

    @Test("says beside each exemption from the checks of concurrency why it is safe")
    func exemptions() throws {
        for file in try Project("Sources", "Tests").files {
            for (place, line) in file.lines.enumerated() {
                guard line.contains("@" + "unchecked Sendable") || line.contains("nonisolated(" + "unsafe)") else {
                    continue
                }
                let around = file.lines[max(0, place - 1)...min(file.lines.count - 1, place + 1)]
                #expect(around.contains { $0.contains("//") }, "\(file.path):\(place + 1): \(line)")
            }
        }
    }

    @Test("starts no task without an owner in its core")
    func looseTasks() throws {
        let loose = try Project("Sources").lines.filter { line in
            let isCore = Self.core.contains { line.path.contains("/\($0)/") }
            let code = line.text.prefix { $0 != "/" }
            return isCore && (code.contains(/\bTask(\(|\s*\{)/) || code.contains("Task.detached"))
        }
        #expect(loose.isEmpty, "\(Self.list(loose))")
    }

    @Test("changes the shop by steps alone, which can go to another node; closures only look")
    func changesAreSteps() throws {
        let found = try Project("Sources/Edge/Gateway").lines.filter { line in
            [".execute(", ".executeHere(", ".decide("].contains { line.text.contains($0) }
        }
        #expect(found.isEmpty, "\(Self.list(found))")
        for file in try Project("Sources/Shop").files where file.path.hasPrefix("Sources/Shop") {
            let decides = file.lines.contains { $0.contains(".decide(") }
            #expect(!decides || !file.lines.contains { $0.contains("execute(") }, "\(file.path)")
        }
    }

    @Test("has each of its facts in one place", arguments: [
        ("the largest record", "4 << 20", "JournalRecord"),
        ("the kinds of aggregates", "visit(Stock.self)", "Registry"),
    ])
    func oneConstant(fact: String, text: String, owner: String) throws {
        // Only constants that say what it is about: other limits may have the same value.
        let found = try Project("Sources").lines.filter { line in
            line.text.contains(text) && (owner != "JournalRecord" || line.text.lowercased().contains("bytesmax = "))
                && (owner != "JournalRecord" || line.text.contains("record") || line.path.hasSuffix("Journal.swift"))
        }
        #expect(found.count == 1, "\(fact): \(Self.list(found))")
    }

    @Test("has a line on the map for every target, and for no other")
    func map() throws {
        let map = try Project().text(of: "Sources/ARCHITECTURE.md")
        let sources = Project.folder.appending(path: "Sources").path
        let targets = try Self.layers.flatMap { layer in
            try FileManager.default.contentsOfDirectory(atPath: "\(sources)/\(layer)")
        }
        #expect(targets.count > Self.layers.count)
        for target in targets where !target.contains(".") {
            #expect(map.contains("`\(target)`"), "\(target)")
        }
        // The first column, and the names of C libraries.
        let named = map.matches(of: /(?m)(?:^\| `([\w-]+)` \||`(C[A-Z][A-Za-z]*)`)/).map { String($0.1 ?? $0.2!) }
        #expect(named.count > targets.count / 2)
        #expect(Set(named).subtracting(targets + ["Storefront"]).isEmpty)
    }

    @Test("lies in the folders of the map and nowhere else")
    func layers() throws {
        let sources = Project.folder.appending(path: "Sources").path
        let folders = try FileManager.default.contentsOfDirectory(atPath: sources)
        #expect(Set(folders.filter { !$0.contains(".") }) == Set(Self.layers + ["Storefront"]))
    }

    private static func words(of text: Substring) -> [Substring] { text.split { !$0.isLetter } }

    private static func list(_ lines: [Project.Line]) -> String {
        lines.prefix(20).map(\.description).joined(separator: "\n")
    }
}
