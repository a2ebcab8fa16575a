import Foundation
import Synchronization

/// One line on the terminal that shows how far a long run is; silent when standard error is no terminal.
public final class StatusLine: Sendable {
    /// Often enough to look alive, seldom enough to cost nothing.
    private static let interval = Duration.milliseconds(100)
    private static let barWidth = 24

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

    public init() {}

    /// Shows the text in place of the last, unless that was only just shown.
    public func show(_ text: @autoclosure () -> String) {
        guard isTerminal else { return }
        let isDue = lastShown.withLock { last in
            let now = ContinuousClock.now
            guard last.map({ now - $0 >= Self.interval }) ?? true else { return false }
            last = now
            return true
        }
        if isDue { write("\r\u{1B}[2K\(text())") }
    }

    /// Removes the line.
    public func clear() {
        guard isTerminal else { return }
        write("\r\u{1B}[2K")
    }

    /// Prints a line that stays, on standard error.
    public func print(_ text: String) {
        clear()
        write(text + "\n")
    }

    /// `[########------------------] 33 %`
    public static func bar(_ done: Int, of total: Int) -> String {
        let share = total > 0 ? min(Double(done) / Double(total), 1) : 1
        let filled = Int(share * Double(barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: barWidth - filled)
        return "[\(bar)] \(Int(share * 100)) %"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
