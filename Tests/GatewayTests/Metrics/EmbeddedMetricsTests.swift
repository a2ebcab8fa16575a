import EventSourcing
import Foundation
import Testing

@testable import Gateway

@Suite("Metrics for CloudWatch") struct EmbeddedMetricsTests {
    private static let time = Timestamp(milliseconds: 1_764_448_496_123)

    private static func embedded(_ registry: Metrics, _ metrics: [EmbeddedMetric]) -> EmbeddedMetrics {
        EmbeddedMetrics(
            registry, namespace: "shop", dimensions: [("cluster", "2a"), ("node", "1")], metrics: metrics)
    }

    /// A line, read by another reader of JSON.
    private static func object(_ line: [UInt8]) throws -> [String: Any] {
        #expect(line.last == UInt8(ascii: "\n") && line.dropLast().allSatisfy { $0 != UInt8(ascii: "\n") })
        return try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }

    @Test("are a line of the log that says which of its members are metrics, for the cluster and for the node")
    func form() throws {
        let registry = Metrics()
        registry.counter("orders_total", "Orders.").add(3)
        registry.gauge("age_seconds", "Age.").set(7)
        registry.gauge("free_bytes", "Free.").set(512)
        registry.observedTime("wait_seconds_total", "Waited.") { 1_500_000_000 }
        var metrics = Self.embedded(
            registry, ["orders_total", "age_seconds", "free_bytes", "wait_seconds_total"].map { EmbeddedMetric($0) })
        let lines = metrics.lines(at: Self.time)
        #expect(
            lines.map { String(decoding: $0, as: UTF8.self) } == [
                #"{"time":"2025-11-29T20:34:56.123000Z","level":"info","logger":"metrics","message":"metrics","#
                    + #""_aws":{"Timestamp":1764448496123,"CloudWatchMetrics":[{"Namespace":"shop","#
                    + #""Dimensions":[["cluster"],["cluster","node"]],"#
                    + #""Metrics":[{"Name":"orders_total","Unit":"Count"},{"Name":"age_seconds","Unit":"Seconds"},"#
                    + #"{"Name":"free_bytes","Unit":"Bytes"},"#
                    + #"{"Name":"wait_seconds_total","Unit":"Seconds"}]}]},"#
                    + #""cluster":"2a","node":"1","orders_total":3,"age_seconds":7,"free_bytes":512,"#
                    + #""wait_seconds_total":1.5}"# + "\n"
            ])
    }

    @Test("tell what counters have grown by, gauges as they stand, and of no family that is not there")
    func periods() throws {
        let registry = Metrics()
        let counter = registry.counter("orders_total", "Orders.")
        let gauge = registry.gauge("depth", "Depth.")
        var metrics = Self.embedded(
            registry, ["orders_total", "depth", "absent"].map { EmbeddedMetric($0) })
        var told: [[Int]] = []
        for growth in [5, 0, 2] {
            counter.add(growth)
            gauge.add(growth)
            let line = try Self.object(try #require(metrics.lines(at: Self.time).first))
            #expect(line["absent"] == nil)
            told.append(try ["orders_total", "depth"].map { try #require(line[$0] as? Int) })
        }
        #expect(told == [[5, 5], [0, 5], [2, 7]])
    }

    @Test("fold the series that count into one")
    func folds() throws {
        let registry = Metrics()
        for (shard, knows) in [("0", 1), ("1", 0)] {
            registry.gauge("knows", "Knows.", [("shard", shard), ("kind", "x")]).set(knows)
        }
        var metrics = Self.embedded(
            registry,
            [
                EmbeddedMetric("knows"), EmbeddedMetric("worst", of: "knows", fold: .least),
                EmbeddedMetric("first", of: "knows", where: ["shard": "0", "kind": "x"]),
                EmbeddedMetric("none", of: "knows", where: ["shard": "2"]),
            ])
        let line = try Self.object(try #require(metrics.lines(at: Self.time).first))
        #expect(["knows", "worst", "first", "none"].map { line[$0] as? Int } == [1, 0, 1, 0])
    }

    @Test("tell each duration of a period, and a hundred that stand for more")
    func durations() throws {
        let registry = Metrics()
        let histograms = ["a", "b"].map { registry.histogram("order_seconds", "Orders.", [("route", $0)]) }
        var metrics = Self.embedded(registry, [EmbeddedMetric("order_seconds")])
        func told() throws -> [Double]? {
            try metrics.lines(at: Self.time).first.map { try #require(Self.object($0)["order_seconds"] as? [Double]) }
        }
        #expect(try told() == nil)
        histograms[0].record(.milliseconds(3))
        histograms[1].record(.seconds(11))
        #expect(try told() == [0.005, 10])
        for _ in 0..<9_800 { histograms[0].record(.microseconds(90)) }
        for _ in 0..<200 { histograms[1].record(.seconds(2)) }
        #expect(try told() == Array(repeating: 0.0001, count: 98) + [2.5, 2.5])
        #expect(try told() == nil)
    }

    @Test("are at most a hundred on a line")
    func limit() throws {
        let registry = Metrics()
        let names = (0..<250).map { "metric_\($0)" }
        for name in names { _ = registry.gauge(name, "One of many.") }
        var metrics = Self.embedded(registry, names.map { EmbeddedMetric($0) })
        let lines = try metrics.lines(at: Self.time).map(Self.object)
        #expect(lines.map { line in names.count { line[$0] != nil } } == [100, 100, 50])
    }
}
