import EventSourcing

/// Who reads the logs and is remembered in them. The number stands in every log; it is never reused.
public enum Consumer: UInt8, Hashable, Sendable, CaseIterable {
    /// Fulfils what was paid, takes back what was cancelled.
    case inventory = 1
    /// Counts the units sold of each product.
    case catalogue = 2
    /// Keeps the log outside of the cluster, for restoring to any moment.
    case archive = 3
    /// Tells a bus outside of the shop what has happened, where there is one.
    case eventBus = 4

    /// Those that do what is owed: with their effects their positions move.
    public static let ofDuties: [Consumer] = [.inventory, .catalogue]
}

/// How far a consumer has got with the log of one shard.
///
/// It moves in the record of the effect, and only from where the consumer believed it to be: an event delivered twice,
/// or to two consumers at once during a change of leaders, has its effect once.
public struct ConsumerPosition: Aggregate, Equatable {
    public let id: ConsumerPositionID
    /// Everything up to here has had its effect.
    public package(set) var position: LogIndex = .zero

    public init(id: ConsumerPositionID) { self.id = id }

    public enum Command: Sendable {
        case advance(from: LogIndex, to: LogIndex)
    }

    public enum Event: Sendable, Equatable {
        case advanced(to: LogIndex)
    }

    public enum Refusal: Error, Sendable, Equatable {
        /// The position is not where the consumer believed it to be; it reads on from here.
        case moved(position: LogIndex)
        /// A position never goes back.
        case notForward
    }

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .advance(let expected, let target):
            guard expected == position else { throw .moved(position: position) }
            guard target > position else { throw .notForward }
            return [.advanced(to: target)]
        }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .advanced(let index):
            precondition(index > position, "\(id): a position never goes back")
            position = index
        }
    }
}

/// Names a position: whose, in the log of which shard, and where the effects are written.
///
/// An effect on another shard than the source has its own position there, hence the slot.
public struct ConsumerPositionID: AggregateID {
    public let consumer: Consumer
    /// The shard whose log is read.
    public let source: ShardID
    /// Routes to the shard whose log holds the effects and this position.
    public let slot: Slot

    public init(consumer: Consumer, source: ShardID, slot: Slot) {
        self.consumer = consumer
        self.source = source
        self.slot = slot
    }

    /// The consumer's number, the source in two bytes and the slot in two, big-endian.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(consumer.rawValue)
        for number in [source.rawValue, slot.rawValue] {
            bytes.append(UInt8(number >> 8))
            bytes.append(UInt8(truncatingIfNeeded: number))
        }
    }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard bytes.count == 5, let consumer = Consumer(rawValue: bytes[bytes.startIndex]),
            let slot = Slot(bigEndian: bytes.suffix(2))
        else { return nil }
        let source = bytes.dropFirst().prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
        self.init(consumer: consumer, source: ShardID(source), slot: slot)
    }

    public var description: String { "\(consumer) of shard \(source) at slot \(slot.rawValue)" }
}
