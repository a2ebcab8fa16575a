#if os(Linux)
import EventSourcing
import Foundation
import JournalTesting
import Testing

@testable import Storage

/// `kill -9` keeps the page cache and proves nothing about durability. These tests rebuild the states that the disk may
/// be in after a power cut, at many points of a run, and open each.
@Suite struct PowerCutTests {
    /// How many points of a run are tried; `tools/crash-images` sets more.
    private static let points = ProcessInfo.processInfo.environment["CRASH_POINTS"].flatMap { Int($0) } ?? 250

    @Test func nothingAcknowledgedIsLostWhereverThePowerIsCut() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        let lost = try await lossesAfterPowerCuts(points: Self.points, seed: seed)
        #expect(lost.isEmpty, "seed \(seed)")
    }

    /// The check is worth something: it sees what happens without flushes. The disk is one that never reorders writes:
    /// on any other LMDB's pages would be in such a state that reading them ends the process.
    @Test func aLogWithoutFlushesIsSeenToLoseWhatItAcknowledged() async throws {
        let lost = try await lossesAfterPowerCuts(
            points: 100, seed: 1, inOrder: true, environment: ["DISK_TRACE_UNSYNCED": "1"])
        #expect(lost.count > 10)
    }

    /// Runs a process that writes, cuts its power at `points` points and says what was lost where.
    private func lossesAfterPowerCuts(
        points: Int, seed: UInt64, inOrder: Bool = false, environment: [String: String] = [:]
    ) async throws -> [String] {
        let source = TemporaryDirectory()
        try await source.withData(shards: 2) { _ in }
        let base = try source.readDatabase()
        let trace = source.path + "/trace"
        let writer = try ChildProcess(
            "write", source.path, "8", "60", environment: environment.merging(["DISK_TRACE": trace]) { $1 })
        #expect(try writer.readLine() == "ended")
        #expect(try writer.finish() == 0)
        let entries = try DiskTraceReader(path: trace).entries

        var random = SeededGenerator(seed: seed)
        let chosen = (0..<points).map { _ in Int.random(in: 0...entries.count, using: &random) }.sorted()
        var disk = DiskModel(base: base)
        var applied = 0
        var losses: [String] = []
        let victim = TemporaryDirectory()
        try await victim.withData(shards: 2) { _ in }
        for point in chosen {
            for entry in entries[applied..<point] { disk.apply(entry) }
            applied = point
            try victim.writeDatabase(disk.image(inOrder: inOrder, &random))
            do {
                let lost = try await victim.withData { try missing(disk.acknowledged, in: $0) }
                losses += lost.map { "point \(point): \($0)" }
            } catch {
                losses.append("point \(point): \(error)")
            }
        }
        return losses
    }

    /// What proposers write: their payloads, by proposer and sequence.
    private static let payloads: [[[UInt8]]] = (0..<8).map { proposer in
        (0...60).map { TortureRecord(proposer: proposer, sequence: $0).payload }
    }

    /// The acknowledgements that `data` does not bear out. Whatever else it holds must be intact.
    private func missing(_ acknowledged: [String], in data: DataDirectory) throws -> [String] {
        var missing: [String] = []
        let logs = try data.journals.indices.map { shard -> [UInt64: [UInt8]] in
            let first = data.journals[shard].first
            let records = try data.journals[shard].records(from: first, countMax: .max, bytesMax: .max)
            return Dictionary(uniqueKeysWithValues: records.map { ($0.index.rawValue, Array($0.bytes)) })
        }
        for (shard, log) in logs.enumerated() {
            for (index, bytes) in log where bytes.count > 2 {
                let sequence = Int(bytes[1]) << 8 | Int(bytes[2])
                guard bytes != Self.payloads[Int(bytes[0])][sequence] else { continue }
                missing.append("record \(index) of shard \(shard) is another")
            }
        }
        for line in acknowledged {
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { UInt64($0) }
            switch words[0] {
            case "record":
                guard numbers[1] >= data.journals[Int(numbers[0])].first.rawValue else { continue }
                let payload = Self.payloads[Int(numbers[2])][Int(numbers[3])]
                if logs[Int(numbers[0])][numbers[1]] != payload { missing.append(line) }
            case "state":
                let value = try data.states[Int(numbers[0])].value(forKey: [UInt8(numbers[1])]) ?? [0, 0, 0]
                if UInt64(value[1]) << 8 | UInt64(value[2]) < numbers[2] { missing.append(line) }
            default: missing.append(line)
            }
        }
        return missing
    }

    // MARK: - Disks that fail

    /// Runs a writer on a disk that fails as `environment` says, then opens what it left.
    private func write(
        onDiskThat environment: [String: String]
    ) async throws -> (status: Int32, said: String?, lines: [String], lost: [String]) {
        let directory = TemporaryDirectory()
        try await directory.withData(shards: 2) { _ in }
        let writer = try ChildProcess("write", directory.path, "8", "60", environment: environment)
        let said = try writer.readLine()
        let status = try writer.finish()
        // There is none when the node did not get as far as taking the lead.
        let text = (try? String(contentsOfFile: directory.path + "/acknowledgements", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").map(String.init)
        let promises = lines.filter { !$0.hasPrefix("refused") }
        let lost = try await directory.withData { data async throws in
            let lost = try missing(promises, in: data)
            // There is room again: it goes on.
            for journal in data.journals { try await journal.append([1]) }
            return lost
        }
        return (status, said, lines, lost)
    }

    @Test(arguments: ["DISK_FAIL_FLUSH", "DISK_FAIL_META"], [1, 2, 3, 4, 12])
    func aFailedFlushEndsTheNodeUnacknowledgedAndIsNotTriedAgain(_ fault: String, _ number: Int) async throws {
        let outcome = try await write(onDiskThat: [fault: "\(number)"])
        #expect(outcome.status == 1)
        #expect(outcome.said?.contains("commit failed: Input/output error") == true, "\(outcome.said ?? "")")
        #expect(outcome.lines.isEmpty || outcome.lines.filter { $0.hasPrefix("refused") }.count == 8)
        #expect(outcome.lost.isEmpty)
    }

    @Test(arguments: [0, 20_000, 100_000, 300_000])
    func aFullDiskEndsTheNodeAndLosesNothing(_ bytes: Int) async throws {
        let outcome = try await write(onDiskThat: ["DISK_FULL_AFTER": "\(bytes)"])
        #expect(outcome.status == 1)
        #expect(outcome.said?.contains("No space left on device") == true, "\(outcome.said ?? "")")
        #expect(outcome.lines.isEmpty || outcome.lines.filter { $0.hasPrefix("refused") }.count == 8)
        #expect(outcome.lost.isEmpty)
    }
}
#endif
