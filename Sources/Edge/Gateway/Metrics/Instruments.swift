import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let cell = Atomic<Int>(0)

    public var value: Int { cell.load(ordering: .relaxed) }
    public func add(_ amount: Int = 1) { cell.wrappingAdd(amount, ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let cell = Atomic<Int>(0)

    public var value: Int { cell.load(ordering: .relaxed) }
    public func set(_ value: Int) { cell.store(value, ordering: .relaxed) }
    public func add(_ amount: Int) { cell.wrappingAdd(amount, ordering: .relaxed) }
}

/// How often durations fell into buckets. Told in seconds.
public final class Histogram: Sendable {
    /// From a cached read to a request that gives up; fine where our orders are.
    public static let latencyBounds: [Duration] = [
        .microseconds(100), .microseconds(250), .microseconds(500), .milliseconds(1), .microseconds(2_500),
        .milliseconds(5),
        .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250),
        .milliseconds(500),
        .seconds(1), .milliseconds(2_500), .seconds(5), .seconds(10),
    ]

    private let bounds: [Int64]
    /// One cell per bound and one for what is above the last.
    private let buckets: [Counter]
    private let sum = Counter()

    init(bounds: [Duration]) {
        self.bounds = bounds.map(\.nanoseconds)
        precondition(zip(self.bounds, self.bounds.dropFirst()).allSatisfy(<), "bounds ascend")
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    public func record(nanoseconds: Int64) {
        var bucket = 0
        while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket += 1 }
        buckets[bucket].add()
        sum.add(Int(nanoseconds))
    }

    public func record(_ duration: Duration) { record(nanoseconds: duration.nanoseconds) }

    /// What has been recorded so far.
    var counts: HistogramCounts {
        HistogramCounts(bounds: bounds.map(Int.init), buckets: buckets.map(\.value), nanoseconds: sum.value)
    }
}
