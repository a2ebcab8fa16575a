import ActorSystem
import EventSourcing
import Foundation
import Storage
import Synchronization
import Wire

/// How many records a second this disk and machine take, for so many callers that each wait for their answer.
enum Bench {
    /// Callers that propose 150-byte records to the journal themselves.
    static func journal(_ path: String, callers: Int, seconds: Int) async throws {
        try await measure(path, callers: callers, seconds: seconds) { data, _ in
            let journal = data.journals[0]
            let term = journal.standing.leadership?.term ?? 0
            try await journal.commitment(of: journal.propose([UInt8](repeating: 7, count: 150), at: .zero, in: term))
        }
    }

    /// Callers that change two counters of 10,000 in one batch of a shard.
    static func shard(_ path: String, callers: Int, seconds: Int) async throws {
        let shard = Mutex<Shard?>(nil)
        try await measure(path, callers: callers, seconds: seconds) { data, number in
            let shard = shard.withLock { shard in
                if shard == nil {
                    shard = Shard(
                        id: ShardID(0), journal: data.journals[0], states: data.states[0], kinds: [.kind(Counter.self)],
                        failStop: { fatalError("\($0)") })
                    if let shard { Task { await shard.run() } }
                }
                return shard!
            }
            let _: Result<Void, Never> = try await shard.execute(at: .zero) { batch in
                batch.decide(Counter.self, Counter.ID(UInt32(number % 10_000)), 1)
                batch.decide(Counter.self, Counter.ID(UInt32((number &* 7 + 1) % 10_000)), 1)
            }
        }
    }

    private static func measure(
        _ path: String, callers: Int, seconds: Int,
        _ body: @escaping @Sendable (DataDirectory, Int) async throws -> Void
    ) async throws {
        let data = try DataDirectory(path: path, creating: true)
        let end = ContinuousClock.now + .seconds(seconds)
        let began = ContinuousClock.now
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        try await body(data, caller &* 7_919 &+ count)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let took = began.duration(to: .now) / .seconds(1)
        print("\(callers) callers: \(Int(Double(count) / took)) records/s")
        data.finishWriting()
        data.close()
    }
}

/// The smallest aggregate.
struct Counter: Recorded {
    struct ID: AggregateID {
        let number: UInt32
        init(_ number: UInt32) { self.number = number }
        var slot: Slot { Slot(0) }
        var description: String { "\(number)" }
        func encode(into bytes: inout [UInt8]) {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        init?(encoded bytes: ArraySlice<UInt8>) { number = bytes.reduce(0) { $0 << 8 | UInt32($1) } }
    }

    static let kind = AggregateKind(rawValue: 1)
    let id: ID
    var count: UInt64 = 0
    init(id: ID) { self.id = id }

    func decide(_ command: UInt64, at now: Timestamp) throws(Never) -> [UInt64] { [command] }
    mutating func apply(_ event: UInt64) { count += event }

    static func encode(_ event: UInt64, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { $0.write(event) }
    }
    static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
    func encodeState(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(count) } }
    static func decodeState(_ bytes: ArraySlice<UInt8>, id: ID) throws(MalformedBytes) -> Counter {
        var counter = Counter(id: id)
        counter.count = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        return counter
    }
}
