import Configuration
import Gateway
import Storage

/// Everything that can be set about a node. Flags win over the environment, the environment over the file, the file
/// over the default. `table` is the documentation.
struct NodeConfiguration: Sendable {
    enum Payment: Sendable, Equatable {
        /// A provider inside the process that charges no card: for benchmarks and for trying out.
        case inProcess
        /// A payment gateway over HTTP, and the file with the key that it knows the shop by.
        case url(String, keyFile: String?, isSimulator: Bool)
    }

    var dataDirectory: String
    var http: SocketAddress
    /// nil serves no metrics.
    var metrics: SocketAddress?
    var payment: Payment
    /// nil for a gateway in the clear.
    var tls: TLSFiles?
    var trustedProxies: TrustedProxies
    /// How long browsers are to remember to use TLS only; nil tells them nothing.
    var strictTransportSecurity: Duration?
    /// nil takes what the data directory has, or 1 for a new one.
    var shards: Int?
    var rateLimits: Bool
    var retention: Retention
    var logLevel: String
    var corsOrigins: [String]
    var requestsInFlightMax: Int
    var connectionsPerAddressMax: Int
    var requiresPreconditions: Bool
    var passwordLengthMin: Int
    /// The folder with the shop's and the console's files; nil serves the interface alone.
    var storefront: String?
    /// Origins of all nodes, for a page whose own does not answer; their pages may call this one.
    var storefrontGateways: StorefrontGateways
    /// nil tells no bus of what happens.
    var eventBus: EventBusSettings?
    /// nil writes no metrics for CloudWatch.
    var cloudWatch: CloudWatchSettings?
    /// What files of the node are kept in AWS Secrets Manager.
    var secrets: SecretSettings
    var webhooks = WebhookSettings()
    /// nil for a node alone.
    var cluster: ClusterMembership?
    /// Whom a node that finds no such account registers before it serves; nil registers none.
    var firstAdministrator: FirstAdministrator.Credentials?

    /// PEM files.
    struct TLSFiles: Sendable, Equatable {
        var certificate: String
        var key: String
    }

    /// One setting: its key in the file (`data-dir`), which in the environment is `CLOUDRETAIL_DATA_DIR`.
    struct Setting: Sendable {
        let key: ConfigKey
        let name: String
        let fallback: String
        let meaning: String
        /// Whether a value may hold a secret, and is repeated nowhere.
        let isSecret: Bool

        init(_ name: String, default fallback: String, isSecret: Bool = false, _ meaning: String) {
            key = ConfigKey(name)
            self.name = name
            self.fallback = fallback
            self.meaning = meaning
            self.isSecret = isSecret
        }

        var variable: String {
            "CLOUDRETAIL_" + name.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
        }
    }

    static let dataDirectory = Setting(
        "data-dir", default: "",
        "Where the node keeps everything: a directory of its own. At the first start it is empty, but for hidden "
            + "files, `lost+found`, `keys` and `secrets`. Required.")
    static let http = Setting(
        "http", default: "127.0.0.1:8080", "Address and port of the gateway; port 0 takes a free one.")
    static let metrics = Setting(
        "metrics", default: "",
        "Address and port of `/metrics`, on a network of one's own, never on the gateway's. Empty serves none.")
    static let payment = Setting(
        "payment", default: "",
        "`in-process`: a provider inside the node that charges no customer, for trying out. Instead of `payment-url`.")
    static let paymentURL = Setting(
        "payment-url", default: "", isSecret: true,
        "The payment gateway's base URL, such as http://127.0.0.1:9090: neither user nor password, query nor fragment.")
    static let paymentKeyFile = Setting(
        "payment-key-file", default: "",
        "With `payment-url`: a file of mode 0600 that holds the key by which the gateway knows the shop.")
    static let paymentFaults = Setting(
        "payment-faults", default: "off",
        "`on` where `payment-url` is the payment simulator's: administrators then set its fault switches. For "
            + "demonstrations.")
    static let tlsCertificate = Setting(
        "tls-certificate", default: "",
        "With `tls-key`, a PEM file with the certificate chain: the gateway then speaks TLS, HTTP/2 and HTTP/1.1.")
    static let tlsKey = Setting(
        "tls-key", default: "",
        "The private key's PEM file, mode 0600. Both files are read again when they change, and on SIGHUP.")
    static let trustedProxies = Setting(
        "trusted-proxies", default: "",
        "Addresses and networks of proxies whose X-Forwarded-For, X-Forwarded-Proto and Forwarded are believed, "
            + "such as `10.0.0.0/8,::1`.")
    static let hsts = Setting(
        "hsts", default: "off",
        "`off`, or how long browsers are to use TLS only, such as `365d`: told under TLS, here or at a trusted proxy.")
    static let shards = Setting(
        "shards", default: "1", "Shards of a new data directory, 1 to 64; an existing one remembers.")
    static let rateLimits = Setting("rate-limits", default: "on", "`on` or `off`.")
    static let retention = Setting(
        "log-retention", default: "everything",
        "How much log stays behind the checkpoint, and with it the movements of stock: `everything`, an age such as "
            + "`age:720h`, a size a shard such as `size:8GiB`."
    )
    static let logLevel = Setting(
        "log-level", default: "info", "`trace`, `debug`, `info`, `notice`, `warning`, `error`.")
    static let corsOrigins = Setting(
        "cors-origins", default: "", "Origins that browsers may call from, separated by commas.")
    static let requestsInFlightMax = Setting(
        "requests-in-flight-max", default: "4096", "Requests worked on at once; past it the answer is 503.")
    static let connectionsPerAddressMax = Setting(
        "connections-per-address-max", default: "1000",
        "Open connections of one address; more are closed. At most half of all that the limit of open files allows. "
            + "Trusted proxies are not counted.")
    static let requiresPreconditions = Setting(
        "require-preconditions", default: "off",
        "`on` refuses a PUT without If-Match or If-None-Match with 428, so that no client overwrites what it has not "
            + "seen.")
    static let passwordLengthMin = Setting(
        "password-length-min", default: "\(PasswordPolicy.lengthMinDefault)",
        "Characters of the shortest new password, 8 to 64.")
    /// The one documented table of settings.
    static let table = [
        dataDirectory, http, metrics, payment, paymentURL, paymentKeyFile, paymentFaults, tlsCertificate, tlsKey,
        trustedProxies, hsts,
        shards, rateLimits, retention, logLevel, corsOrigins, requestsInFlightMax, connectionsPerAddressMax,
        requiresPreconditions, passwordLengthMin, storefront, storefrontGateways,
    ] + eventBusTable + cloudWatchTable + [secretsRefresh] + webhookTable + clusterTable

    /// What a setting names cannot be used.
    struct Unusable: Error, CustomStringConvertible {
        let setting: Setting
        let reason: any Error

        var description: String { "\(setting.name) (\(setting.variable)): \(reason)" }

        /// - Throws: what `body` throws, with the setting's name.
        static func unless<Value>(_ setting: Setting, _ body: () throws -> Value) throws -> Value {
            do {
                return try body()
            } catch {
                throw Unusable(setting: setting, reason: error)
            }
        }
    }

    /// Why a setting is refused.
    struct Invalid: WrongSetting {
        let setting: Setting
        let value: String

        var description: String {
            let shown = setting.isSecret ? "the value" : "\"\(value)\""
            return "\(setting.name) (\(setting.variable)): \(shown) is not valid. \(setting.meaning)"
        }
    }
}

extension NodeConfiguration {
    /// - Parameters:
    ///   - flags: what the command line said, by the setting's name.
    ///   - file: a JSON file of settings.
    static func read(flags: [String: String], file: String?) throws -> NodeConfiguration {
        let names = Set(table.map(\.name))
        var providers: [any ConfigProvider] = [
            InMemoryProvider("flags", flags), EnvironmentVariablesProvider().prefixKeys(with: "cloudretail"),
        ]
        if let file { providers.append(InMemoryProvider("file", try SettingsFile.read(file, names: names))) }
        return try NodeConfiguration(ConfigReader(providers: providers))
    }

    private init(_ reader: ConfigReader) throws {
        func given(_ setting: Setting) -> String { reader.string(forKey: setting.key, default: setting.fallback) }
        let secrets = try Self.secrets(given)
        func text(_ setting: Setting) -> String { secrets.path(for: setting) ?? given(setting) }
        func value<Value>(_ setting: Setting, _ parse: (String) -> Value?) throws -> Value {
            guard let value = parse(text(setting)) else { throw Invalid(setting: setting, value: text(setting)) }
            return value
        }
        self.secrets = secrets
        dataDirectory = try value(Self.dataDirectory) { $0.isEmpty ? nil : $0 }
        http = try value(Self.http, SocketAddress.init)
        metrics = try text(Self.metrics).isEmpty ? nil : value(Self.metrics, SocketAddress.init)
        payment = try Self.provider(
            url: text(Self.paymentURL), keyFile: text(Self.paymentKeyFile), other: text(Self.payment),
            faults: text(Self.paymentFaults))
        tls = try Self.tls(certificate: text(Self.tlsCertificate), key: text(Self.tlsKey))
        trustedProxies = try value(Self.trustedProxies, TrustedProxies.init)
        strictTransportSecurity = try value(Self.hsts) { text in
            text == "off" ? .some(nil) : Duration(setting: text[...]).map(Optional.some)
        }
        shards = try reader.string(forKey: Self.shards.key).map { _ in
            try value(Self.shards) { text in Int(text).flatMap { Self.shardsRange.contains($0) ? $0 : nil } }
        }
        rateLimits = try value(Self.rateLimits) { ["on": true, "off": false][$0] }
        retention = try value(Self.retention, Retention.init(text:))
        logLevel = text(Self.logLevel)
        corsOrigins = try value(Self.corsOrigins) { $0 == "*" ? ["*"] : Self.origins($0) }
        requestsInFlightMax = try value(Self.requestsInFlightMax) { text in Int(text).flatMap { $0 > 0 ? $0 : nil } }
        connectionsPerAddressMax = try value(Self.connectionsPerAddressMax) { text in
            Int(text).flatMap { $0 > 0 ? $0 : nil }
        }
        requiresPreconditions = try value(Self.requiresPreconditions) { ["on": true, "off": false][$0] }
        passwordLengthMin = try value(Self.passwordLengthMin, Self.passwordLength)
        storefront = text(Self.storefront).isEmpty ? nil : text(Self.storefront)
        storefrontGateways = try value(Self.storefrontGateways) { text in
            text == "members" ? .members : Self.origins(text).map { .these($0) }
        }
        eventBus = try Self.eventBus(text)
        cloudWatch = try Self.cloudWatch(text)
        webhooks = try Self.webhooks(text)
        cluster = try Self.cluster(text)
        firstAdministrator = try Self.firstAdministrator(text)
    }

    static let shardsRange = 1...64

    static func passwordLength(_ text: String) -> Int? {
        Int(text).flatMap { PasswordPolicy.lengthMinRange.contains($0) ? $0 : nil }
    }
}

// MARK: - TLS

extension NodeConfiguration {
    /// Only one of the two files is named.
    struct TLSIncomplete: WrongSetting {
        let description =
            "\(tlsCertificate.name) (\(tlsCertificate.variable)) and \(tlsKey.name) (\(tlsKey.variable)) go together: "
            + "a gateway needs both for TLS."
    }

    fileprivate static func tls(certificate: String, key: String) throws -> TLSFiles? {
        guard certificate.isEmpty == key.isEmpty else { throw TLSIncomplete() }
        return certificate.isEmpty ? nil : TLSFiles(certificate: certificate, key: key)
    }
}

extension Duration {
    /// Reads a number with `s`, `m`, `h` or `d`.
    init?(setting text: Substring) {
        guard let unit = text.last, let number = Int64(text.dropLast()), number > 0, number < 1_000_000,
            let seconds = ["s": 1, "m": 60, "h": 3_600, "d": 86_400][unit] as Int64?
        else { return nil }
        self = .seconds(number * seconds)
    }
}

extension Substring {
    var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

extension Retention {
    /// Reads `everything`, `age:` with `s`, `m`, `h` or `d`, or `size:` with `MiB`, `GiB` or `TiB`.
    init?(text: String) {
        if text == "everything" {
            self = .everything
        } else if text.hasPrefix("age:"), let age = Duration(setting: text.dropFirst(4)) {
            self = .age(age)
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
