#if PLANTED_BUGS && canImport(Glibc)
    import Glibc
#elseif PLANTED_BUGS
    import Darwin
#endif

/// A way to get the shop wrong that tests can plant, to see that it is noticed.
///
/// Only builds with `PLANTED_BUGS` can make one; in all others `isMade` is false, and what asks for it is gone.
public enum Mistake: String, CaseIterable, Sendable {
    /// An order that is declined keeps what it had reserved.
    case declineWithoutRelease
    /// An order that is cancelled keeps what it had reserved.
    case cancelWithoutRelease
    /// An order is placed without its idempotency key.
    case orderWithoutKey
    /// What is ordered leaves the cart before it is paid.
    case cartClearedUnpaid
    /// A new leader knows nothing of the keys that were claimed before.
    case noDedupeAfterFailover
    /// What may be forgotten is decided upon as long as this node has not forgotten it.
    case forgottenStands
    /// A consumer's effects are written without the position that says so.
    case effectWithoutPosition
    /// An order is charged before its stock is held.
    case chargeBeforeReserve
    /// What expires, and what a record is stamped with, is judged by the node's clock and not by the log's time.
    case expiryByLocalClock
    /// A payment is voided that another node may be confirming.
    case voidNotFenced
    /// What is saved is replayed again.
    case applyTwice
    /// An answer does not wait for its record.
    case answerBeforeCommit
    /// A refusal, a repetition or a read does not wait for what it has seen.
    case refusalBeforeCommit
    /// A node that does not lead any more goes on from what it decided last.
    case cedeKeepsRunningState
    /// A step's answer loses a field on its way.
    case answerFieldLost
    /// The SKUs of which an order has too little are lost on their way from another shard.
    case shortagesLost
    /// The log goes as far as it is committed, whether its states are saved or not.
    case compactPastCheckpoint
    /// When a write of the node is durable, what was collected meanwhile counts as durable too.
    case flushCoversCollected
    /// A follower of the log goes on where it was, though a snapshot has replaced what it began with.
    case replacementPassedOver
    /// What a node reads by itself may lack what it knows to be committed.
    case localReadUnsettled
    /// A read looks at what this node has, without asking whether it lacks something.
    case readWithoutBarrier
    /// What is refused leaves its key free.
    case refusalFreesKey
    /// The program passes for an older one, which reads no version but the first.
    case readsFirstVersionOnly
    /// What the version of the cluster does not allow is written all the same.
    case versionNotAwaited
    /// A member that has not said what its program reads is taken to read everything.
    case silentMemberReadsAll
    /// The duties of a leader go on when it leads no longer.
    case dutyOutlivesLeadership
}

#if PLANTED_BUGS
    extension Mistake {
        @TaskLocal private static var planted: Set<Mistake> = []
        /// What a process of a test makes wherever it is: the names in its environment, with commas between them.
        private static let ofProcess: Set<Mistake> = {
            guard let names = getenv("CLOUDRETAIL_PLANTED_BUGS") else { return [] }
            return Set(String(cString: names).split(separator: ",").compactMap { Mistake(rawValue: String($0)) })
        }()

        /// Whether it is to be made here and now.
        public var isMade: Bool {
            !Self.planted.isEmpty && Self.planted.contains(self)
                || !Self.ofProcess.isEmpty && Self.ofProcess.contains(self)
        }

        /// Makes `mistakes` in everything that `body` does, and in the tasks that it starts.
        public static func making<Answer>(_ mistakes: Set<Mistake>, _ body: () throws -> Answer) rethrows -> Answer {
            try $planted.withValue(mistakes, operation: body)
        }
    }
#else
    extension Mistake {
        /// Whether it is to be made here and now.
        @inlinable public var isMade: Bool { false }

        /// Makes none.
        public static func making<Answer>(_ mistakes: Set<Mistake>, _ body: () throws -> Answer) rethrows -> Answer {
            precondition(mistakes.isEmpty, "built without PLANTED_BUGS")
            return try body()
        }
    }
#endif
