import Logging
import NIOCore
import Synchronization

/// Says what happens on connections, and the same of one peer only now and then: a stranger that comes back at once, or
/// a peer that is restarted for ever, must not fill the log.
final class LinkLog: Sendable {
    private static let pause = TimeAmount.seconds(10)
    /// What may be said of one peer within a pause: the connections of all streams, and their ends.
    private static let timesMax = 8

    private struct Topic: Hashable {
        let message: String
        let peer: UInt64
    }

    private struct Said {
        var since: NIODeadline
        var times: Int
    }

    private let logger: Logger
    /// Few: messages are written down here, and peers are members.
    private let said = Mutex<[Topic: Said]>([:])

    init(_ logger: Logger) { self.logger = logger }

    func note(
        _ level: Logger.Level, _ message: Logger.Message, of link: PeerLink? = nil, _ metadata: Logger.Metadata = [:]
    ) {
        let topic = Topic(message: message.description, peer: link?.peer.rawValue ?? 0)
        let now = NIODeadline.now()
        let held: Int? = said.withLock { said in
            let earlier = said[topic]
            if let earlier, now < earlier.since + Self.pause {
                said[topic]!.times += 1
                return earlier.times < Self.timesMax ? 0 : nil
            }
            said[topic] = Said(since: now, times: 1)
            return max(0, (earlier?.times ?? 0) - Self.timesMax)
        }
        guard let held else { return }
        var metadata = metadata
        if let link {
            metadata["peer"] = "\(link.peer)"
            metadata["stream"] = "\(link.stream)"
        }
        if held > 0 { metadata["not_logged_before"] = "\(held)" }
        logger.log(level: level, message, metadata: metadata)
    }
}
