import ArgumentParser
import Foundation
import Gateway
import Logging

/// `cloudretail serve`: runs a node.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a node: the shop, its log and its HTTP gateway.",
        discussion: """
            Every setting can also come from the environment or from a JSON file (--config); flags win over the \
            environment, the environment over the file.

            \(settings)
            """)

    /// The table of settings, as the README has it.
    private static var settings: String {
        NodeConfiguration.table
            .map { "  \($0.name), \($0.variable) [\($0.fallback)]\n    \($0.meaning)" }
            .joined(separator: "\n")
    }

    @Option(name: .customLong("data-dir"), help: "Where the node keeps everything.")
    var dataDirectory: String?

    @Option(help: "Address and port of the gateway.")
    var http: String?

    @Option(help: "Address and port of /metrics.")
    var metrics: String?

    @Option(name: .customLong("payment-url"), help: "The payment gateway's base URL.")
    var paymentURL: String?

    @Option(name: .customLong("payment-key-file"), help: "A file with the key for the payment gateway, mode 0600.")
    var paymentKeyFile: String?

    @Option(help: "in-process: a provider inside the node that charges no customer, instead of --payment-url.")
    var payment: String?

    @Option(name: .customLong("tls-certificate"), help: "The certificate chain, a PEM file.")
    var tlsCertificate: String?

    @Option(name: .customLong("tls-key"), help: "The certificate's private key, a PEM file of mode 0600.")
    var tlsKey: String?

    @Option(name: .customLong("trusted-proxies"), help: "Proxies in front, such as 10.0.0.0/8,::1.")
    var trustedProxies: String?

    @Option(help: "off, or how long browsers are to use TLS only, such as 365d.")
    var hsts: String?

    @Option(help: "Shards of a new data directory.")
    var shards: String?

    @Option(name: .customLong("rate-limits"), help: "on or off.")
    var rateLimits: String?

    @Option(name: .customLong("log-retention"), help: "everything, age:720h or size:8GiB.")
    var retention: String?

    @Option(name: .customLong("log-level"), help: "The least severe messages to log.")
    var logLevel: String?

    @Option(name: .customLong("cors-origins"), help: "Origins whose pages may call the API, separated by commas.")
    var corsOrigins: String?

    @Option(name: .customLong("requests-in-flight-max"), help: "Past it the answer is 503.")
    var requestsInFlightMax: String?

    @Option(name: .customLong("connections-per-address-max"), help: "Open connections of one address.")
    var connectionsPerAddressMax: String?

    @Option(name: .customLong("require-preconditions"), help: "on refuses a PUT without a condition.")
    var requiresPreconditions: String?

    @Option(name: .customLong("password-length-min"), help: "Characters of the shortest new password.")
    var passwordLengthMin: String?

    @Option(help: "A JSON file of settings.")
    var config: String?

    func run() async throws {
        Heap.configure()
        let flags: [(NodeConfiguration.Setting, String?)] = [
            (NodeConfiguration.dataDirectory, dataDirectory), (NodeConfiguration.http, http),
            (NodeConfiguration.metrics, metrics),
            (NodeConfiguration.paymentURL, paymentURL), (NodeConfiguration.payment, payment),
            (NodeConfiguration.paymentKeyFile, paymentKeyFile),
            (NodeConfiguration.tlsCertificate, tlsCertificate), (NodeConfiguration.tlsKey, tlsKey),
            (NodeConfiguration.trustedProxies, trustedProxies), (NodeConfiguration.hsts, hsts),
            (NodeConfiguration.shards, shards), (NodeConfiguration.rateLimits, rateLimits),
            (NodeConfiguration.retention, retention), (NodeConfiguration.logLevel, logLevel),
            (NodeConfiguration.corsOrigins, corsOrigins), (NodeConfiguration.requestsInFlightMax, requestsInFlightMax),
            (NodeConfiguration.connectionsPerAddressMax, connectionsPerAddressMax),
            (NodeConfiguration.requiresPreconditions, requiresPreconditions),
            (NodeConfiguration.passwordLengthMin, passwordLengthMin),
        ]
        let given = flags.compactMap { setting, value in value.map { (setting.name, $0) } }
        let configuration = try await NodeConfiguration.read(
            flags: Dictionary(uniqueKeysWithValues: given), file: config)
        let sink = LineSink(descriptor: 2)
        guard let level = Logger.Level(rawValue: configuration.logLevel) else {
            throw NodeConfiguration.Invalid(setting: NodeConfiguration.logLevel, value: configuration.logLevel)
        }
        let logger = Logger(label: "cloudretail") { label in
            JSONLogHandler(label: label, sink: sink, level: level)
        }
        let node = try await Node(configuration, logger: logger, sink: sink) { listener, url in
            FileHandle.standardOutput.write(Data("\(listener.rawValue) \(url)\n".utf8))
        }
        try await node.run()
        sink.flush()
    }
}
