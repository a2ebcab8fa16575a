import Synchronization
import Testing

@testable import Gateway

@Suite("Metrics")
struct MetricsTests {
    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    /// Reads the text format back, strictly: a family is told once, with its type before its samples.
    static func parse(_ bytes: [UInt8]) throws -> (types: [String: String], samples: [Sample]) {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        var types: [String: String] = [:]
        var samples: [Sample] = []
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+/) {
                #expect(types[String(match.1)] == nil)
            } else if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
                #expect(types.updateValue(String(match.2), forKey: String(match.1)) == nil)
            } else {
                let match = try #require(
                    line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.]+)/), "\(line)")
                var labels: [String: String] = [:]
                for label in String(match.2 ?? "").matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"/) {
                    labels[String(label.1)] = String(label.2)
                }
                let sample = Sample(name: String(match.1), labels: labels, value: try #require(Double(match.3)))
                #expect(!samples.contains { $0.name == sample.name && $0.labels == sample.labels }, "\(line)")
                let family = sample.name.replacing(/_(bucket|sum|count)$/, with: "")
                #expect(types[sample.name] != nil || types[family] == "histogram", "\(line)")
                samples.append(sample)
            }
        }
        return (types, samples)
    }

    @Test("counters, gauges and histograms come back from the text")
    func exposition() throws {
        let metrics = Metrics()
        let orders = metrics.counter("orders_total", "Orders\nplaced.", [("kind", "a\"b\\c")])
        let depth = metrics.gauge("queue_depth", "Depth.")
        let latency = metrics.histogram("latency_seconds", "Latency.", bounds: [.milliseconds(1), .seconds(1)])
        metrics.observed("observed", "Asked for.") { 7 }
        metrics.observedTime("wait_seconds_total", "Waited.") { 1_500_000_000 }
        orders.add(3)
        depth.set(5)
        depth.add(-7)
        for duration in [Duration.microseconds(1), .milliseconds(1), .milliseconds(2), .seconds(2)] {
            latency.record(duration)
        }
        let (types, samples) = try Self.parse(metrics.exposition())
        #expect(
            types == [
                "orders_total": "counter", "queue_depth": "gauge", "latency_seconds": "histogram", "observed": "gauge",
                "wait_seconds_total": "counter",
            ])
        #expect(samples.contains(Sample(name: "orders_total", labels: ["kind": #"a\"b\\c"#], value: 3)))
        #expect(samples.contains(Sample(name: "queue_depth", labels: [:], value: -2)))
        #expect(samples.contains(Sample(name: "observed", labels: [:], value: 7)))
        #expect(samples.contains(Sample(name: "wait_seconds_total", labels: [:], value: 1.5)))
        #expect(samples.contains(Sample(name: "latency_seconds_bucket", labels: ["le": "0.001"], value: 2)))
        #expect(samples.contains(Sample(name: "latency_seconds_bucket", labels: ["le": "1"], value: 3)))
        #expect(samples.contains(Sample(name: "latency_seconds_bucket", labels: ["le": "+Inf"], value: 4)))
        #expect(samples.contains(Sample(name: "latency_seconds_count", labels: [:], value: 4)))
        #expect(samples.contains(Sample(name: "latency_seconds_sum", labels: [:], value: 2.003001)))
    }

    @Test("a route counts by status, an unheard-of one with the first of its hundred")
    func route() throws {
        let metrics = Metrics()
        let route = RouteMetrics(metrics, method: "GET", route: "/x/{id}")
        for status in [200, 200, 404, 418, 599, 0, 1_000] { route.record(status: status, nanoseconds: 1_000) }
        let samples = try Self.parse(metrics.exposition()).samples.filter { $0.name == "http_requests_total" }
        #expect(samples.map { $0.labels["status"] } == ["200", "400", "404", "500"])
        #expect(samples.map(\.value) == [3, 1, 1, 2])
    }

    @Test("adding from many tasks loses nothing")
    func concurrent() async {
        let metrics = Metrics()
        let counter = metrics.counter("c_total", "C.")
        let histogram = metrics.histogram("h_seconds", "H.")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    for _ in 0..<200 {
                        counter.add()
                        histogram.record(.milliseconds(3))
                    }
                }
            }
        }
        #expect(counter.value == 10_000 && histogram.counts.count == 10_000)
    }

    @Test("series that come and go are asked for when they are told")
    func comingAndGoing() {
        let metrics = Metrics()
        let peers = Mutex([2, 3])
        metrics.observedSeries("links", "Connections.") { peers.withLock { $0.map { ([("peer", "\($0)")], $0 * 10) } } }
        func told() -> String { String(decoding: metrics.exposition(), as: UTF8.self) }
        #expect(told().hasSuffix("links{peer=\"2\"} 20\nlinks{peer=\"3\"} 30\n"))
        peers.withLock { $0 = [4] }
        #expect(told().hasSuffix("# TYPE links gauge\nlinks{peer=\"4\"} 40\n"))
    }
}
