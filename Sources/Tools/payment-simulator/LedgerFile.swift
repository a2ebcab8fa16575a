import Foundation
import NIOPosix
import Synchronization

/// The ledger's events as lines of JSON in a file, durable before a caller is told of them.
///
/// Lines that wait share one flush. A line cut short by a crash was never answered for, and is dropped when the file is
/// opened.
final class LedgerFile: Sendable {
    enum Failure: Error, Equatable, CustomStringConvertible {
        case cannotOpen(path: String, errno: Int32)
        case openElsewhere(path: String)
        case malformed(path: String, line: Int)

        var description: String {
            switch self {
            case .cannotOpen(let path, let errno): "cannot open \(path): \(String(cString: strerror(errno)))"
            case .openElsewhere(let path): "\(path) is open in another process"
            case .malformed(let path, let line): "\(path), line \(line): not an event of a ledger"
            }
        }
    }

    private struct Queue {
        var pending: [UInt8] = []
        /// Counts appends; a flush makes all up to its number durable.
        var appended: UInt64 = 0
        var flushed: UInt64 = 0
    }

    private let descriptor: Int32
    private let queue = Mutex(Queue())
    /// One thread of its own: a flush blocks, and flushes must not overtake each other.
    private let thread: NIOThreadPool

    /// Opens or creates the file and hands each event in it to `body`, in order.
    init(path: String, replay body: (ChargeLedger.Event) -> Void) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.cannotOpen(path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure.openElsewhere(path: path)
        }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            let contents = try handle.readToEnd() ?? Data()
            let whole = contents.lastIndex(of: UInt8(ascii: "\n")).map { contents[...$0] } ?? Data()
            let decoder = JSONDecoder()
            for (position, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
                guard let event = try? decoder.decode(ChargeLedger.Event.self, from: line) else {
                    throw Failure.malformed(path: path, line: position + 1)
                }
                body(event)
            }
            try handle.truncate(atOffset: UInt64(whole.count))
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
    }

    deinit {
        thread.shutdownGracefully { _ in }
        close(descriptor)
    }

    /// Puts events behind those appended before. They are not durable yet.
    ///
    /// - Returns: the number to `flush(through:)`.
    func append(_ events: [ChargeLedger.Event]) throws -> UInt64 {
        var lines: [UInt8] = []
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for event in events {
            lines.append(contentsOf: try encoder.encode(event))
            lines.append(UInt8(ascii: "\n"))
        }
        return queue.withLock { queue in
            if !lines.isEmpty {
                queue.pending.append(contentsOf: lines)
                queue.appended += 1
            }
            return queue.appended
        }
    }

    /// Returns once everything appended up to `number` is on the disk.
    func flush(through number: UInt64) async throws {
        guard queue.withLock({ $0.flushed < number }) else { return }
        try await thread.runIfActive { self.flushAll(through: number) }
    }

    /// Runs on `thread` only. Stops the process when the disk fails: nothing may be answered for that is not in the
    /// ledger.
    private func flushAll(through number: UInt64) {
        let (bytes, upTo) = queue.withLock { queue in
            defer { queue.pending = [] }
            return (queue.pending, queue.appended)
        }
        guard !bytes.isEmpty else { return }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            guard count >= 0 || errno == EINTR else { fatalError("writing the ledger failed with errno \(errno)") }
            written += max(0, count)
        }
        guard fsync(descriptor) == 0 else { fatalError("flushing the ledger failed with errno \(errno)") }
        queue.withLock { $0.flushed = upTo }
    }
}
