import Configuration
import Storage
import SystemPackage

/// Everything that can be set about a node. Flags win over the environment, the environment over the file, the file
/// over the default. `table` is the documentation.
struct NodeConfiguration: Sendable {
    enum Payment: Sendable, Equatable {
        /// A provider inside the process that accepts everything: for benchmarks and embedding.
        case inProcess
        /// A payment gateway over HTTP.
        case url(String)
    }

    var dataDirectory: String
    var http: SocketAddress
    var payment: Payment
    /// nil takes what the data directory has, or 1 for a new one.
    var shards: Int?
    var rateLimits: Bool
    var retention: Retention
    var logLevel: String
    var corsOrigins: [String]
    var requestsInFlightMax: Int

    /// A host and a port to listen on.
    struct SocketAddress: Sendable, Equatable {
        var host: String
        var port: Int

        /// Reads `host:port`; an IPv6 host stands in brackets.
        init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65_535).contains(port)
            else { return nil }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            guard !host.isEmpty else { return nil }
            self.host = String(host)
            self.port = port
        }
    }

    /// One setting: its key in the file (`http.bind`), which in the environment is `CLOUDRETAIL_HTTP_BIND`.
    struct Setting: Sendable {
        let key: ConfigKey
        let name: String
        let fallback: String
        let meaning: String

        init(_ name: String, default fallback: String, _ meaning: String) {
            key = ConfigKey(name)
            self.name = name
            self.fallback = fallback
            self.meaning = meaning
        }

        var variable: String {
            "CLOUDRETAIL_" + name.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
        }
    }

    static let dataDirectory = Setting("data-dir", default: "", "Where the node keeps everything. Required.")
    static let http = Setting(
        "http", default: "127.0.0.1:8080", "Address and port of the gateway; port 0 takes a free one.")
    static let payment = Setting("payment", default: "in-process", "`in-process`, unless `payment-url` is set.")
    static let paymentURL = Setting("payment-url", default: "", "The payment gateway's base URL.")
    static let shards = Setting(
        "shards", default: "1", "Shards of a new data directory, 1 to 64; an existing one remembers.")
    static let rateLimits = Setting("rate-limits", default: "on", "`on` or `off`.")
    static let retention = Setting(
        "log-retention", default: "everything",
        "How much log stays behind the checkpoint: `everything`, an age such as `age:720h`, a size a shard such as `size:8GiB`."
    )
    static let logLevel = Setting(
        "log-level", default: "info", "`trace`, `debug`, `info`, `notice`, `warning`, `error`.")
    static let corsOrigins = Setting(
        "cors-origins", default: "", "Origins that browsers may call from, separated by commas.")
    static let requestsInFlightMax = Setting(
        "requests-in-flight-max", default: "4096", "Requests worked on at once; past it the answer is 503.")

    /// The one documented table of settings.
    static let table = [
        dataDirectory, http, payment, paymentURL, shards, rateLimits, retention, logLevel, corsOrigins,
        requestsInFlightMax,
    ]

    /// Why a setting is refused.
    struct Invalid: Error, CustomStringConvertible {
        let setting: Setting
        let value: String

        var description: String {
            "\(setting.name) (\(setting.variable)): \"\(value)\" is not valid. \(setting.meaning)"
        }
    }
}

extension NodeConfiguration {
    /// - Parameters:
    ///   - flags: what the command line said, by the setting's name.
    ///   - file: a JSON file of settings.
    static func read(flags: [String: String], file: String?) async throws -> NodeConfiguration {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                name: "flags",
                values: Dictionary(
                    uniqueKeysWithValues: flags.map {
                        (AbsoluteConfigKey(ConfigKey($0)), ConfigValue(.string($1), isSecret: false))
                    })),
            EnvironmentVariablesProvider().prefixKeys(with: "cloudretail"),
        ]
        if let file { providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file))) }
        return try NodeConfiguration(ConfigReader(providers: providers))
    }

    private init(_ reader: ConfigReader) throws {
        func text(_ setting: Setting) -> String { reader.string(forKey: setting.key, default: setting.fallback) }
        func value<Value>(_ setting: Setting, _ parse: (String) -> Value?) throws -> Value {
            guard let value = parse(text(setting)) else { throw Invalid(setting: setting, value: text(setting)) }
            return value
        }
        dataDirectory = try value(Self.dataDirectory) { $0.isEmpty ? nil : $0 }
        http = try value(Self.http, SocketAddress.init)
        let url = text(Self.paymentURL)
        payment = try url.isEmpty ? value(Self.payment) { $0 == "in-process" ? .inProcess : nil } : .url(url)
        shards = try reader.string(forKey: Self.shards.key).map { _ in
            try value(Self.shards) { text in Int(text).flatMap { (1...64).contains($0) ? $0 : nil } }
        }
        rateLimits = try value(Self.rateLimits) { ["on": true, "off": false][$0] }
        retention = try value(Self.retention, Retention.init(text:))
        logLevel = text(Self.logLevel)
        corsOrigins = text(Self.corsOrigins).split(separator: ",").map { $0.trimmingSpaces }
        requestsInFlightMax = try value(Self.requestsInFlightMax) { text in Int(text).flatMap { $0 > 0 ? $0 : nil } }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

extension Retention {
    /// Reads `everything`, `age:` with `s`, `m`, `h` or `d`, or `size:` with `MiB`, `GiB` or `TiB`.
    init?(text: String) {
        if text == "everything" {
            self = .everything
        } else if text.hasPrefix("age:"), let unit = text.last, let number = Int64(text.dropFirst(4).dropLast()),
            let seconds = ["s": 1, "m": 60, "h": 3_600, "d": 86_400][unit] as Int64?, number > 0, number < 1_000_000
        {
            self = .age(.seconds(number * seconds))
        } else if text.hasPrefix("size:"), let number = UInt64(text.dropFirst(5).dropLast(3)),
            let unit = ["MiB": 20, "GiB": 30, "TiB": 40][String(text.suffix(3))] as UInt64?, number > 0,
            number < 1_000_000
        {
            self = .bytes(number << unit)
        } else {
            return nil
        }
    }
}
