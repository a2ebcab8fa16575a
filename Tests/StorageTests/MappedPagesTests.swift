import EventSourcing
import Foundation
import Testing

@testable import Storage

@Suite("Mapped pages of the database", .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/smaps")))
struct MappedPagesTests {
    @Test("are given back past the limit, and no reader notices")
    func released() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data in
            let (journal, states) = (data.journals[0], data.states[0])
            let keys = (0..<400).map { number in [1, UInt8(number / 256), UInt8(number % 256)] }
            let value = [UInt8](repeating: 7, count: 4_000)
            let changes = StateChanges(keys.lazy.map { StateChange(key: $0, value: value) })
            let generation = journal.checkpoint(changes, through: .zero)
            while journal.flushedGeneration < generation { try await journal.append([1]) }

            for key in keys { #expect(try states.value(forKey: key) == value) }
            #expect(try residentBytes(of: directory) > 1 << 20)
            #expect(!data.releaseMappedPages(past: .max))
            #expect(try residentBytes(of: directory) > 1 << 20)
            #expect(data.releaseMappedPages(past: 0))
            #expect(try residentBytes(of: directory) < 1 << 19)
            for key in keys { #expect(try states.value(forKey: key) == value) }
        }
    }

    @Test("are let alone once the directory is closed: what is mapped there then belongs to others")
    func closed() throws {
        let directory = TemporaryDirectory()
        let data = try DataDirectory(path: directory.path, creating: true)
        #expect(data.releaseMappedPages(past: 0))
        data.close()
        #expect(!data.releaseMappedPages(past: 0))
    }

    /// What the system says is in memory of the database's map.
    private func residentBytes(of directory: TemporaryDirectory) throws -> Int {
        let path = URL(filePath: directory.databasePath).resolvingSymlinksInPath().path
        let bytes = try #require(try FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd())
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasSuffix(path) })
        let line = try #require(lines[start...].first { $0.hasPrefix("Rss:") })
        return try #require(Int(line.split(separator: " ")[1])) * 1_024
    }
}
