import HTTPTypes
import NIOCore
import Synchronization

/// The answers that wait for one event loop. Those that come together wake it once.
final class AnswerQueue: Sendable {
    /// An answer, or the end of one whose head is written already.
    struct Answer: Sendable {
        let exchange: Exchange
        var head: HTTPResponse?
        var body: ByteBuffer?
        var trailers: HTTPFields?
        /// Whether the client gets all of it; where not, its connection ends.
        var isWhole = true
    }

    private let eventLoop: any EventLoop
    private let waiting = Mutex<[Answer]>([])

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func add(_ answer: consuming Answer) {
        if eventLoop.inEventLoop { return answer.exchange.write(answer) }
        let answer = answer
        let isFirst = waiting.withLock { waiting in
            waiting.append(answer)
            return waiting.count == 1
        }
        if isFirst { eventLoop.execute { self.write() } }
    }

    private func write() {
        let answers = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for answer in answers { answer.exchange.write(answer) }
    }
}

/// The queues of all event loops.
final class AnswerQueues: Sendable {
    private let queues = Mutex<[ObjectIdentifier: AnswerQueue]>([:])

    func queue(of eventLoop: any EventLoop) -> AnswerQueue {
        queues.withLock { queues in
            if let queue = queues[ObjectIdentifier(eventLoop)] { return queue }
            let queue = AnswerQueue(eventLoop)
            queues[ObjectIdentifier(eventLoop)] = queue
            return queue
        }
    }
}
