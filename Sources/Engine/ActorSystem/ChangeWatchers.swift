import EventSourcing
import Synchronization

/// Tasks that wait for a committed change of one aggregate each.
final class ChangeWatchers: Sendable {
    private struct Key: Hashable {
        let kind: AggregateKind
        let id: RowBytes
    }

    private struct State {
        var numbers: UInt64 = 0
        var streams: [Key: [UInt64: AsyncStream<Void>.Continuation]] = [:]
    }

    private let state = Mutex(State())
    /// Read at every settled change, where encoding an owner's id would cost more than this.
    private let count = Atomic<Int>(0)

    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    func watch(_ kind: AggregateKind, id: [UInt8]) -> AsyncStream<Void> {
        let key = Key(kind: kind, id: RowBytes(id))
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.numbers += 1
            state.streams[key, default: [:]][state.numbers] = continuation
            return state.numbers
        }
        count.add(1, ordering: .sequentiallyConsistent)
        continuation.onTermination = { [weak self] _ in self?.forget(number, key) }
        return stream
    }

    private func forget(_ number: UInt64, _ key: Key) {
        let isKnown = state.withLock { state in
            guard state.streams[key]?.removeValue(forKey: number) != nil else { return false }
            if state.streams[key]?.isEmpty == true { state.streams[key] = nil }
            return true
        }
        if isKnown { count.subtract(1, ordering: .sequentiallyConsistent) }
    }

    func tell(_ kind: AggregateKind, id: [UInt8]) {
        let key = Key(kind: kind, id: RowBytes(id))
        let streams = state.withLock { $0.streams[key] ?? [:] }
        // In the order in which they came, the same in every process.
        for (_, stream) in streams.sorted(by: { $0.key < $1.key }) { stream.yield() }
    }
}

extension Shard {
    /// Yields each time that a committed record has changed the aggregate, from now on, the newest only.
    ///
    /// Subscribe first and look then: what changes in between is told.
    public nonisolated func changes<A: Recorded>(of _: A.Type, _ id: A.ID) -> AsyncStream<Void> {
        var bytes: [UInt8] = []
        id.encode(into: &bytes)
        return watchers.watch(A.kind, id: bytes)
    }
}
