import EventSourcing
import Logging

/// Logs one JSON object per line: `time`, `level`, `logger`, `message`, then the metadata.
///
///     LoggingSystem.bootstrap { JSONLogHandler(label: $0, sink: sink, level: .info) }
public struct JSONLogHandler: LogHandler {
    /// Bytes of one line; metadata that does not fit is left out and the line says so.
    static let lineLengthMax = 8 << 10
    /// Members that a line has anyway; metadata of such a name would make it a second one.
    static let reserved: Set = ["time", "level", "logger", "message", "truncated"]
    /// Bytes of one value in it.
    static let valueLengthMax = 2 << 10

    public var metadata = Logger.Metadata()
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level
    private let label: String
    private let sink: LineSink
    private let now: @Sendable () -> Timestamp

    public init(
        label: String, sink: LineSink, level: Logger.Level,
        now: @escaping @Sendable () -> Timestamp = GatewayClock.system.wall
    ) {
        self.label = label
        self.sink = sink
        self.now = now
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provider = metadataProvider { all.merge(provider.get()) { $1 } }
        if let more = event.metadata { all.merge(more) { $1 } }
        if let error = event.error {
            all["error.type"] = .string(String(reflecting: type(of: error)))
            all["error.message"] = .string("\(error)")
        }
        sink.append(line(level: event.level, message: event.message, metadata: all))
        if event.level >= .error { sink.flush() }
    }

    func line(level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        var isTruncated = false
        json.object { json in
            json.field("time", now())
            json.field("level", level.rawValue)
            json.field("logger", label)
            json.field("message", Self.bounded(message.description))
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                let before = json
                json.key(escaping: Self.reserved.contains(key) ? "metadata." + key : Self.bounded(key))
                Self.write(value, to: &json, depth: 0)
                if json.bytes.count > Self.lineLengthMax - 32 {
                    json = before
                    isTruncated = true
                }
            }
            if isTruncated { json.field("truncated", true) }
        }
        json.endLine()
        return json.bytes
    }

    private static func write(_ value: Logger.Metadata.Value, to json: inout JSONWriter, depth: Int) {
        switch value {
        case .string(let text): json.value(bounded(text))
        case .stringConvertible(let value as any BinaryInteger) where Int64(exactly: value) != nil:
            json.value(Int64(clamping: value))
        case .stringConvertible(let value): json.value(bounded(value.description))
        case .array(let values) where depth < 4:
            json.array { json in for value in values.prefix(100) { write(value, to: &json, depth: depth + 1) } }
        case .dictionary(let values) where depth < 4:
            json.object { json in
                for (key, value) in values.sorted(by: { $0.key < $1.key }).prefix(100) {
                    json.key(escaping: bounded(key))
                    write(value, to: &json, depth: depth + 1)
                }
            }
        case .array, .dictionary: json.value("…")
        }
    }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= valueLengthMax ? text : String(text.unicodeScalars.prefix(valueLengthMax / 4)) + "…"
    }
}
