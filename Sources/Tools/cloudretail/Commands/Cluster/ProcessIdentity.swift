import Foundation

/// A process that outlives the command which started it. A later process with the same id is not taken for it.
struct ProcessIdentity: Codable, Equatable, Sendable {
    let pid: Int32
    /// Clock ticks from the machine's start to the process's own.
    let startedTicks: UInt64

    enum State: Equatable, Sendable { case running, paused, gone }

    /// How often a process is looked at while a command waits for it.
    private static let pollPause = Duration.milliseconds(5)

    /// Nil when there is no such process.
    init?(pid: Int32) {
        guard let entry = ProcessEntry(pid: pid) else { return nil }
        self.pid = pid
        startedTicks = entry.startedTicks
    }

    var state: State {
        guard let entry = ProcessEntry(pid: pid), entry.startedTicks == startedTicks, !entry.hasEnded else {
            return .gone
        }
        return entry.isStopped ? .paused : .running
    }

    /// Sends a signal, unless the process is gone.
    func send(_ signal: Int32) {
        guard state != .gone else { return }
        kill(pid, signal)
    }

    /// Waits until the process is in one of these states.
    ///
    /// - Returns: whether it is; false after `limit`.
    func reaches(_ states: State..., within limit: Duration) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while !states.contains(state) {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: Self.pollPause)
        }
        return true
    }
}

/// What the kernel tells of a process: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
private struct ProcessEntry {
    let state: Character
    let threads: Int
    let startedTicks: UInt64

    init?(pid: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        // The third field of the line and those after it.
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let threads = Int(fields[17]),
            let started = UInt64(fields[19])
        else { return nil }
        self.state = state
        self.threads = threads
        startedTicks = started
    }

    /// The first thread may have ended before the others, which hold the files of the process open.
    var hasEnded: Bool { (state == "Z" || state == "X") && threads <= 1 }
    var isStopped: Bool { state == "T" || state == "t" }
}
