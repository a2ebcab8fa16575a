import EventSourcing

/// On whose behalf the provider is called: what a failure may be due to, beside the provider.
public struct Caller: Hashable, Sendable {
    /// Customers are told apart by their slot, which the ids of their orders carry; two in 4,096 share one.
    public let slot: Slot
    /// The payment method, where one is named; nil for the customer's default, and for what needs none.
    public let method: String?

    public init(slot: Slot, method: String? = nil) {
        self.slot = slot
        self.method = method
    }

    /// Whether one customer or one method may be why both failed.
    func mayShareCause(with other: Caller) -> Bool {
        slot == other.slot || (method != nil && method == other.method)
    }
}

/// How the calls of the last while went, by customer: one customer's calls are one, and the newest says how it went.
/// Forgotten a tenth of the time at once.
///
/// So one customer who makes calls fail, however many, says no more than one who has bad luck. A failure with a method
/// that has failed already and worked for no customer is due to the method and says nothing either.
struct CallWindow: Sendable {
    private struct Entry {
        /// The newest bucket with a call; -1 for none.
        var bucket: Int64 = -1
        var failed = false
    }

    private struct Bucket {
        /// Calls that follow no customer, and how many of them failed.
        var calls = 0
        var failures = 0
        /// Whose entry may be of this bucket, once for each time that an entry moved here.
        var slots: [Slot] = []
        var methods: [String] = []
    }

    private static let bucketCount = 10
    /// Methods remembered; a window of ordinary orders at a thousand a second has half of them. What is new then is
    /// not remembered, and counts by its customer.
    private static let methodsMax = 65_536

    private let bucketLength: Duration
    private var buckets = [Bucket](repeating: Bucket(), count: bucketCount)
    private var customers: [Entry]
    private var methods: [String: Entry] = [:]
    /// The newest bucket, counted from the origin of time.
    private var newest: Int64 = 0
    private(set) var calls = 0
    private(set) var failures = 0

    init(length: Duration) {
        bucketLength = max(length / Self.bucketCount, .nanoseconds(1))
        customers = [Entry](repeating: Entry(), count: Int(Slot.count))
    }

    private var current: Int { Int(newest % Int64(Self.bucketCount)) }

    mutating func count(failed: Bool, by caller: Caller?, at now: Duration) {
        advance(to: Int64(now / bucketLength))
        guard let caller else {
            buckets[current].calls += 1
            calls += 1
            guard failed else { return }
            buckets[current].failures += 1
            failures += 1
            return
        }
        let isDueToMethod = caller.method.map { note(method: $0, failed: failed) } ?? false
        let entry = customers[Int(caller.slot.rawValue)]
        // The method is the cause, and this customer another one who has tried it.
        if isDueToMethod, !(entry.bucket >= 0 && entry.failed) { return }
        note(caller.slot, failed: failed)
    }

    private mutating func note(_ slot: Slot, failed: Bool) {
        let position = Int(slot.rawValue)
        let before = customers[position]
        if before.bucket < 0 {
            calls += 1
        } else if before.failed {
            failures -= 1
        }
        if failed { failures += 1 }
        if before.bucket != newest { buckets[current].slots.append(slot) }
        customers[position] = Entry(bucket: newest, failed: failed)
    }

    /// - Returns: whether the method has failed before, and worked for no customer, in the window.
    private mutating func note(method: String, failed: Bool) -> Bool {
        if let before = methods[method] {
            // That it once worked counts for the whole window, and no longer.
            if failed, !before.failed { return false }
            if before.bucket != newest { buckets[current].methods.append(method) }
            methods[method] = Entry(bucket: newest, failed: failed)
            return failed
        }
        guard methods.count < Self.methodsMax else { return false }
        methods[method] = Entry(bucket: newest, failed: failed)
        buckets[current].methods.append(method)
        return false
    }

    private mutating func advance(to bucket: Int64) {
        guard bucket > newest else { return }
        for passed in 1...min(bucket - newest, Int64(Self.bucketCount)) {
            let ended = newest + passed - Int64(Self.bucketCount)
            forget(Int((newest + passed) % Int64(Self.bucketCount)), upTo: ended)
        }
        newest = bucket
    }

    private mutating func forget(_ position: Int, upTo ended: Int64) {
        let bucket = buckets[position]
        calls -= bucket.calls
        failures -= bucket.failures
        for slot in bucket.slots {
            let entry = customers[Int(slot.rawValue)]
            guard entry.bucket >= 0, entry.bucket <= ended else { continue }
            calls -= 1
            if entry.failed { failures -= 1 }
            customers[Int(slot.rawValue)] = Entry()
        }
        for method in bucket.methods where methods[method].map({ $0.bucket <= ended }) ?? false {
            methods[method] = nil
        }
        buckets[position] = Bucket()
    }
}
