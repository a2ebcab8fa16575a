import EventSourcing
import Foundation
import Testing

@testable import CatalogueSearch

@Suite struct DamageTests {
    private func fill(_ path: String) async throws {
        let index = try CatalogueIndex(at: .file(path), limits: .patient)
        let products = (0..<500).map {
            CatalogueChange.product(.sample("p\($0)", "Thing number \($0)", brand: "B\($0 % 7)"))
        }
        try await index.apply(products, through: LogIndex(9))
        try index.close()
    }

    private func patch(_ path: String, at offset: Int, with value: UInt32) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        for place in 0..<4 { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * place)) }
        try bytes.write(to: URL(filePath: path))
    }

    private func expectRebuilt(_ path: String) async throws {
        let index = try CatalogueIndex(at: .file(path), limits: .patient)
        #expect(index.opening == .rebuilt)
        #expect(try await index.positions()[0] == .zero)
        #expect(try await index.ids(CatalogueQuery()) == [])
        try await index.apply([.product(.sample("a", "A"))], through: LogIndex(1))
        #expect(try await index.ids(CatalogueQuery()) == ["a"])
        try index.close()
    }

    @Test func aFileThatIsNoDatabaseIsRebuilt() async throws {
        try await withIndexFile { path in
            try Data(repeating: 0x5a, count: 10_000).write(to: URL(filePath: path))
            try await expectRebuilt(path)
        }
    }

    @Test func aTruncatedFileIsRebuilt() async throws {
        try await withIndexFile { path in
            try await fill(path)
            let bytes = try Data(contentsOf: URL(filePath: path))
            try bytes.prefix(100).write(to: URL(filePath: path))
            try await expectRebuilt(path)
        }
    }

    @Test func anotherVersionIsRebuilt() async throws {
        try await withIndexFile { path in
            try await fill(path)
            // SQLite keeps a database's user version at byte 60 of its file.
            try patch(path, at: 60, with: UInt32(IndexSchema.version + 1))
            try await expectRebuilt(path)
        }
    }

    @Test func aDatabaseOfSomethingElseIsLeftAlone() async throws {
        try await withIndexFile { path in
            try await fill(path)
            // And the application that it belongs to at byte 68.
            try patch(path, at: 68, with: 0x1234_5678)
            let before = try Data(contentsOf: URL(filePath: path))
            #expect { try CatalogueIndex(at: .file(path)) } throws: { ($0 as? CatalogueIndexFailure)?.code == .foreign }
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    @Test func aDirectoryThatDoesNotExistIsAStorageFailure() {
        #expect { try CatalogueIndex(at: .file("/nonexistent/index.sqlite")) } throws: {
            ($0 as? CatalogueIndexFailure)?.code == .storage
        }
    }

    @Test func flippedBytesAreReportedAndNeverFatal() async throws {
        try await withIndexFile { path in
            try await fill(path)
            let sound = try Data(contentsOf: URL(filePath: path))
            for seed in 0..<50 as Range<UInt64> {
                var generator = SeededGenerator(seed: seed)
                var bytes = sound
                for _ in 0..<20 {
                    bytes[Int.random(in: 100..<bytes.count, using: &generator)] ^=
                        1 << UInt8.random(in: 0..<8, using: &generator)
                }
                try bytes.write(to: URL(filePath: path))
                try await use(path, seed: seed)
                try CatalogueIndex.discard(at: .file(path))
            }
        }
    }

    /// Wherever bytes are overwritten, opening and asking either works or says that the index is damaged.
    @Test(arguments: 0..<12)
    func damageWithinTheFileIsReportedAndNeverFatal(seed: UInt64) async throws {
        try await withIndexFile { path in
            try await fill(path)
            var generator = SeededGenerator(seed: seed)
            var bytes = try Data(contentsOf: URL(filePath: path))
            let start = Int.random(in: 100..<bytes.count - 4_096, using: &generator)
            for offset in start..<start + 4_096 { bytes[offset] = UInt8.random(in: 0...255, using: &generator) }
            try bytes.write(to: URL(filePath: path))
            try await use(path, seed: seed)
        }
    }

    /// Asks and changes; the only failure may be the one that says why.
    private func use(_ path: String, seed: UInt64) async throws {
        let index = try CatalogueIndex(at: .file(path), limits: .patient)
        let failures = await failures(of: index)
        try index.close()
        for failure in failures { #expect(failure.code == .damaged, "seed \(seed): \(failure)") }
    }

    private func failures(of index: CatalogueIndex) async -> [CatalogueIndexFailure] {
        var failures: [CatalogueIndexFailure] = []
        for sort in CatalogueQuery.Sort.allCases {
            for text in ["thing", "numbre", nil] {
                do {
                    let query = CatalogueQuery(
                        text: text, brands: text == nil ? ["B1"] : [], sort: sort, limit: 100, wantsFacets: true)
                    _ = try await index.search(query)
                    _ = try await index.suggest("th")
                } catch {
                    if case .index(let failure) = error { failures.append(failure) }
                }
            }
        }
        let changes = (0..<100).map { CatalogueChange.product(.sample("p\($0 * 5)", "Other \($0)")) }
        do { try await index.apply(changes, through: LogIndex(10)) } catch { failures.append(error) }
        return failures
    }
}
