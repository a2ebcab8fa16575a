import DiskTrace
import EventSourcing
import Foundation
import JournalTesting
import Storage

/// A small process that the tests of `Storage` kill, starve of disk and cut the power of. It says what it was promised
/// in a file beside the data directory.
@main
enum StorageTorture {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            fail("usage: storage-torture hold|write|bench-journal|bench-shard DIRECTORY [PROPOSERS [RECORDS]]")
        }
        do {
            switch arguments[1] {
            case "hold": try await hold(arguments[2])
            case "write":
                try await write(arguments[2], proposers: Int(arguments[3]) ?? 4, records: Int(arguments[4]) ?? 50)
            case "bench-journal": try await Bench.journal(arguments[2], callers: Int(arguments[3]) ?? 64, seconds: 3)
            case "bench-shard": try await Bench.shard(arguments[2], callers: Int(arguments[3]) ?? 64, seconds: 3)
            default: fail("no such command")
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) -> Never {
        print(message)
        exit(1)
    }

    /// Opens the directory, says so, and holds it until its input ends.
    private static func hold(_ path: String) async throws {
        let directory = try DataDirectory(path: path, creating: true)
        print("open")
        fflush(nil)
        while readLine() != nil {}
        directory.close()
    }

    /// Writes records and states, `proposers` at a time.
    private static func write(_ path: String, proposers: Int, records: Int) async throws {
        disk_trace_begin()
        let directory = try DataDirectory(path: path, creating: false, options: .init(retention: .bytes(200_000)))
        let acknowledgements = Acknowledgements(path: path + "/acknowledgements")
        await withTaskGroup(of: Void.self) { group in
            for proposer in 0..<proposers {
                let shard = proposer % directory.journals.count
                let writer = Proposer(
                    number: proposer, shard: shard, leads: proposer < directory.journals.count,
                    journal: directory.journals[shard])
                group.addTask { await writer.write(records, acknowledgements) }
            }
        }
        directory.finishWriting()
        try await directory.writerEnded()
        directory.close()
        print("ended")
    }
}

/// What was acknowledged, a line each. The file is never flushed: the trace has it.
final class Acknowledgements: Sendable {
    private let descriptor: Int32

    init(path: String) { descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600) }

    func note(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count, "the acknowledgement is written down")
    }
}

struct Proposer: Sendable {
    let number: Int
    let shard: Int
    /// One proposer of each shard moves its checkpoint.
    let leads: Bool
    let journal: any Journal

    func write(_ records: Int, _ acknowledgements: Acknowledgements) async {
        var saved: (generation: UInt64, sequence: Int)?
        for sequence in 1...records {
            do {
                let index = try journal.propose(
                    TortureRecord(proposer: number, sequence: sequence).payload,
                    at: Timestamp(milliseconds: Int64(sequence)), in: journal.standing.leadership?.term ?? 0)
                try await journal.commitment(of: index)
                acknowledgements.note("record \(shard) \(index) \(number) \(sequence)")
                if let saved, journal.flushedGeneration >= saved.generation {
                    acknowledgements.note("state \(shard) \(number) \(saved.sequence)")
                }
                if sequence % 3 == 0 {
                    let change = StateChange(
                        key: [UInt8(number)], value: TortureRecord(proposer: number, sequence: sequence).payload)
                    saved = (journal.checkpoint([change], through: leads ? index : .zero), sequence)
                    if leads { journal.release(through: index) }
                }
            } catch {
                return acknowledgements.note("refused \(shard) \(number) \(sequence)")
            }
        }
    }
}
