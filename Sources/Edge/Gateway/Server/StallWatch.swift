/// Notices a client that takes nothing of what waits for it. Looked at now and then.
struct StallWatch {
    /// Bytes of answers that the channel was handed, and how many of them it had taken at the last look.
    private var written = 0
    private var taken = 0
    private var since: Int64?

    mutating func didWrite(_ count: Int) { written += count }

    /// - Parameter waiting: bytes that the channel has not taken, their framing and encryption included.
    /// - Returns: since which look nothing has been taken; nil while nothing waits.
    mutating func look(waiting: Int, at now: Int64) -> Int64? {
        guard waiting > 0 else {
            (taken, since) = (written, nil)
            return nil
        }
        if since == nil || written - waiting > taken { (taken, since) = (written - waiting, now) }
        return since
    }
}
