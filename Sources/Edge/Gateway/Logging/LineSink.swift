import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Takes whole lines from any thread and writes them behind the caller's back, many at once.
///
/// Bounded: when the reader of the log is slower than we are, lines are dropped and counted, and requests go on.
public final class LineSink: Sendable {
    /// Bytes that wait to be written: a second of access log at full load.
    static let pendingMax = 4 << 20
    /// How long a line may wait for others to be written with it. At most this much is lost with the process.
    static let delay = DispatchTimeInterval.milliseconds(10)

    private struct Pending {
        var bytes: [UInt8] = []
        var isScheduled = false
        var dropped = 0
    }

    private let pending = Mutex(Pending())
    private let queue = DispatchQueue(label: "log")
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: takes lines, on one thread at a time.
    public init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    /// Writes to a file descriptor; standard error unless told otherwise.
    public convenience init(descriptor: Int32 = 2) {
        self.init { bytes in
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress! + done, $0.count - done) }
                // A log that cannot be written is nothing that the process could tell anyone.
                guard count > 0 || errno == EINTR else { return }
                done += max(0, count)
            }
        }
    }

    /// Lines dropped so far.
    public var dropped: Int { pending.withLock(\.dropped) }

    /// Adds one line, newline included.
    public func append(_ line: some Collection<UInt8>) {
        let mustSchedule = pending.withLock { pending in
            guard pending.bytes.count + line.count <= Self.pendingMax else {
                pending.dropped += 1
                return false
            }
            pending.bytes.append(contentsOf: line)
            defer { pending.isScheduled = true }
            return !pending.isScheduled
        }
        if mustSchedule { queue.asyncAfter(deadline: .now() + Self.delay) { self.drain() } }
    }

    /// Returns when everything that was added before has been written. For the end of the process, and for errors.
    public func flush() { queue.sync { drain() } }

    private func drain() {
        let bytes = pending.withLock { pending in
            let bytes = pending.bytes
            pending.bytes = []
            pending.isScheduled = false
            return bytes
        }
        if !bytes.isEmpty { write(bytes) }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
