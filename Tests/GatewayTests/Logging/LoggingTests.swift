import EventSourcing
import Foundation
import Logging
import Synchronization
import Testing

@testable import Gateway

/// Keeps the lines that a sink writes.
final class Lines: Sendable {
    let sink: LineSink

    init() {
        let bytes = Lines.Box()
        sink = LineSink { bytes.add($0) }
        box = bytes
    }

    private final class Box: Sendable {
        let bytes = Mutex<[UInt8]>([])
        func add(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    }

    private let box: Box

    /// Every line so far, read as JSON.
    func objects() throws -> [[String: Any]] {
        sink.flush()
        return try box.bytes.withLock { $0 }.split(separator: UInt8(ascii: "\n")).map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        }
    }
}

@Suite("Logs")
struct LoggingTests {
    func logger(_ lines: Lines) -> Logger {
        Logger(label: "test") {
            JSONLogHandler(label: $0, sink: lines.sink, level: .info, now: { Timestamp(microseconds: 1) })
        }
    }

    @Test("a line is one JSON object with time, level, logger, message and metadata")
    func line() throws {
        let lines = Lines()
        var logger = logger(lines)
        logger[metadataKey: "node"] = "n1"
        logger.info(
            "it\nhappened",
            metadata: ["count": .stringConvertible(3), "list": ["a", "b"], "map": ["k": "v"], "message": "second"])
        logger.debug("nobody sees this")
        let object = try #require(try lines.objects().first)
        #expect(try lines.objects().count == 1)
        #expect(object["time"] as? String == "1970-01-01T00:00:00.000001Z")
        #expect(object["level"] as? String == "info" && object["logger"] as? String == "test")
        #expect(object["message"] as? String == "it\nhappened" && object["metadata.message"] as? String == "second")
        #expect(
            object["count"] as? Int == 3 && object["list"] as? [String] == ["a", "b"]
                && object["map"] as? [String: String] == ["k": "v"])
        #expect(object["node"] as? String == "n1")
    }

    @Test("a line stays bounded and stays JSON")
    func bounded() throws {
        let lines = Lines()
        let metadata = Dictionary(
            uniqueKeysWithValues: (0..<100).map {
                ("key\($0)", Logger.Metadata.Value.string(String(repeating: "é", count: 1_000)))
            })
        logger(lines).info("long", metadata: metadata)
        logger(lines).info("\(String(repeating: "x", count: 100_000))")
        let handler = JSONLogHandler(label: "test", sink: lines.sink, level: .info)
        #expect(handler.line(level: .info, message: "long", metadata: metadata).count <= JSONLogHandler.lineLengthMax)
        #expect(try lines.objects().map { $0["truncated"] as? Bool } == [true, nil])
    }

    @Test("an error's type and text are told")
    func error() throws {
        struct Broken: Error {}
        let lines = Lines()
        logger(lines).error("failed", error: Broken())
        #expect((try lines.objects().first?["error.type"] as? String)?.contains("Broken") == true)
    }

    @Test("lines that a slow reader cannot take are dropped whole, and counted")
    func dropped() throws {
        let gate = DispatchSemaphore(value: 0)
        let written = Mutex(0)
        let sink = LineSink { bytes in
            gate.wait()
            written.withLock { $0 += bytes.count }
        }
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)
        for _ in 0..<10_000 { sink.append(line) }
        #expect(sink.dropped > 0)
        for _ in 0..<100 { gate.signal() }
        sink.flush()
        #expect(written.withLock { $0 } == (10_000 - sink.dropped) * 1_000)
    }
}
