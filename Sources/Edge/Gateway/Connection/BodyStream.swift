import NIOCore

/// A body ends before its time: the client has gone, or what noticed it refuses the request.
struct BodyBrokeOff: Error {}

/// The body of a request of which more is to come when its route begins.
final class BodyStream {
    typealias Bytes = NIOThrowingAsyncSequenceProducer<
        ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, Delegate
    >

    /// Pieces that wait for the reader, each at most what is read from a socket at once.
    private static let (piecesMin, piecesMax) = (2, 8)

    let bytes: Bytes
    private let source: Bytes.Source
    /// Whether as many pieces wait as may.
    var isFull = false

    /// - Parameter isRead: told, on any thread, when few pieces are left.
    init(isRead: @escaping @Sendable () -> Void) {
        let stream = NIOThrowingAsyncSequenceProducer.makeSequence(
            elementType: ByteBuffer.self, failureType: (any Error).self,
            backPressureStrategy: NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(
                lowWatermark: Self.piecesMin, highWatermark: Self.piecesMax),
            finishOnDeinit: true, delegate: Delegate(isRead: isRead))
        (bytes, source) = (stream.sequence, stream.source)
    }

    func yield(_ piece: ByteBuffer) {
        if case .stopProducing = source.yield(piece) { isFull = true }
    }

    func finish() { source.finish() }
    func breakOff() { source.finish(BodyBrokeOff()) }

    struct Delegate: NIOAsyncSequenceProducerDelegate {
        let isRead: @Sendable () -> Void

        func produceMore() { isRead() }
        func didTerminate() { isRead() }
    }
}
