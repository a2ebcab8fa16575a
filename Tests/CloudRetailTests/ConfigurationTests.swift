import ArgumentParser
import Foundation
import NIOCore
import Testing

@testable import Gateway
@testable import cloudretail

@Suite("The settings of a node")
struct ConfigurationTests {
    @Test("each have a flag", arguments: NodeConfiguration.table.map(\.name))
    func flags(name: String) throws {
        // The flags themselves, without the table that the help repeats.
        let usage = ServeCommand.helpMessage(columns: 100).split(separator: "\n").filter { $0.hasPrefix("  --") }
        #expect(usage.contains { $0.hasPrefix("  --\(name) ") })
    }

    @Test("are read from flags, and what is no value is refused by name")
    func values() throws {
        let flags = [
            "data-dir": "/nowhere", "payment": "in-process", "cors-origins": "https://a.example, https://b.example",
            "requests-in-flight-max": "7"
        ]
        let configuration = try NodeConfiguration.read(flags: flags, file: nil)
        #expect(configuration.corsOrigins == ["https://a.example", "https://b.example"])
        #expect(configuration.requestsInFlightMax == 7)
        #expect(throws: NodeConfiguration.Invalid.self) {
            _ = try NodeConfiguration.read(
                flags: flags.merging(["requests-in-flight-max": "0"]) { $1 }, file: nil)
        }
        // No browser sends any of these as its origin.
        for origin in [
            "foo", "ftp://a.example", "https://a.example/", "https://A.example", "https://a.example:443", "*, *",
            "https://a.example,,https://b.example", "https://u@a.example", "https://a.example?b",
        ] {
            for setting in ["cors-origins", "storefront-gateways"] {
                #expect(throws: NodeConfiguration.Invalid.self, "\(setting): \(origin)") {
                    _ = try NodeConfiguration.read(flags: flags.merging([setting: origin]) { $1 }, file: nil)
                }
            }
        }
        let local = try NodeConfiguration.read(
            flags: flags.merging(["cors-origins": "*", "storefront-gateways": "http://[::1]:8081"]) { $1 }, file: nil)
        #expect(local.corsOrigins == ["*"])
    }

    @Test("are addresses of hosts that can be named", arguments: [
        ("127.0.0.1:80", true), ("[::1]:0", true), ("[fe80::1%eth0]:80", true), ("node-1.shop_a.example:65535", true),
        ("127.0.0.1:65536", false), (":80", false), ("127.0.0.1", false), ("a;b:80", false), ("a b:80", false),
        ("1=a:80", false), ("http://a:80", false),
    ])
    func address(text: String, isOne: Bool) {
        #expect((NodeConfiguration.SocketAddress(text) != nil) == isOne)
    }

    @Test("are told apart from variables that only look like them")
    func variables() {
        let environment = [
            "CLOUDRETAIL_DATA_DIR": "/d", "CLOUDRETAIL_DATADIR": "/d", "CLOUDRETAIL_SHARD": "3", "PATH": "/",
        ]
        #expect(
            NodeConfiguration.unknownVariables(of: environment) == ["CLOUDRETAIL_DATADIR", "CLOUDRETAIL_SHARD"])
    }

    @Test("that name an address where the node cannot listen are named")
    func listening() async throws {
        let address = try #require(NodeConfiguration.SocketAddress("127.0.0.1:80"))
        for (error, reason) in [
            (IOError(errnoCode: EADDRINUSE, reason: "bind"), "Address already in use"),
            (IOError(errnoCode: EACCES, reason: "bind"), "Permission denied"),
        ] {
            let failure = await #expect(throws: NodeConfiguration.Unusable.self) {
                try await ListenerService.naming(NodeConfiguration.metrics, address) { throw error }
            }
            let text = "metrics (CLOUDRETAIL_METRICS): the node cannot listen on 127.0.0.1:80: \(reason)"
            #expect("\(try #require(failure))" == text)
        }
        await #expect(throws: CancellationError.self) {
            try await ListenerService.naming(NodeConfiguration.http, address) { throw CancellationError() }
        }
    }

    @Test("of files that are not as they should be are refused in a line")
    func wrongFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "file-\(UUID().uuidString)").path
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: (any Error).self) {
            try FileManager.default.createDirectory(atPath: path + "/node-1", withIntermediateDirectories: true)
        }
        let failure = try error.map { try #require(FileFailure($0)) }
        #expect(failure?.description == "\(path)/node-1: Not a directory")
        #expect(FileFailure(CancellationError()) == nil)
    }

    @Test("name the payment provider: without one, or with two, a node does not start")
    func payment() throws {
        func payment(_ flags: [String: String]) throws -> NodeConfiguration.Payment {
            try NodeConfiguration.read(flags: flags.merging(["data-dir": "/nowhere"]) { $1 }, file: nil).payment
        }
        #expect(try payment(["payment": "in-process"]) == .inProcess)
        #expect(try payment(["payment-url": "http://a"]) == .url("http://a", keyFile: nil, isSimulator: false))
        #expect(
            try payment(["payment-url": "http://a", "payment-key-file": "/k", "payment-faults": "on"])
                == .url("http://a", keyFile: "/k", isSimulator: true))
        #expect(throws: NodeConfiguration.PaymentUnclear.missing) { try payment([:]) }
        #expect(throws: NodeConfiguration.PaymentUnclear.ambiguous) {
            try payment(["payment": "in-process", "payment-url": "http://a"])
        }
        #expect(throws: NodeConfiguration.PaymentUnclear.keyWithoutURL) {
            try payment(["payment": "in-process", "payment-key-file": "/k"])
        }
        #expect(throws: NodeConfiguration.PaymentUnclear.faultsWithoutURL) {
            try payment(["payment": "in-process", "payment-faults": "on"])
        }
        #expect(throws: NodeConfiguration.Invalid.self) { try payment(["payment": "none"]) }
        #expect(throws: NodeConfiguration.Invalid.self) {
            try payment(["payment-url": "http://a", "payment-faults": "some"])
        }
    }

    @Test("take files from Secrets Manager, in the place of each that holds a key, a certificate or a password")
    func secretsManager() throws {
        let flags = [
            "data-dir": "/data", "payment-url": "http://a", "payment-key-file": "secretsmanager:shop#payment",
            "tls-certificate": "/tls.pem", "tls-key": "secretsmanager:tls",
        ]
        let configuration = try NodeConfiguration.read(flags: flags, file: nil)
        #expect(configuration.tls == .init(certificate: "/tls.pem", key: "/data/secrets/current/tls-key"))
        let keyFile = "/data/secrets/current/payment-key-file"
        #expect(configuration.payment == .url("http://a", keyFile: keyFile, isSimulator: false))
        #expect(configuration.secrets.references.map(\.setting) == ["payment-key-file", "tls-key"])
        #expect(configuration.secrets.refresh == .seconds(60))
        for (setting, value) in [("tls-key", "secretsmanager:a#"), ("secrets-refresh", "0s")] {
            #expect(throws: NodeConfiguration.Invalid.self) {
                _ = try NodeConfiguration.read(flags: flags.merging([setting: value]) { $1 }, file: nil)
            }
        }
    }

    @Test("are read from a file, numbers and truths too; what it has besides is refused by name")
    func file() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "node-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        func read(_ text: String) throws -> NodeConfiguration {
            try Data(text.utf8).write(to: file)
            return try NodeConfiguration.read(flags: ["payment": "in-process"], file: file.path)
        }
        let configuration = try read(#"{"data-dir": "/data", "shards": 3, "require-preconditions": true}"#)
        #expect(configuration.shards == 3 && configuration.requiresPreconditions)
        #expect(throws: SettingsFile.Fault.unknown(path: file.path, name: "htp")) {
            try read(#"{"http": "127.0.0.1:0", "htp": "127.0.0.1:0"}"#)
        }
        #expect(throws: SettingsFile.Fault.otherValue(path: file.path, name: "cors-origins")) {
            try read(#"{"cors-origins": ["https://a.example"]}"#)
        }
        for (text, reason, offset) in [
            ("", JSONError.Reason.endOfText, 0), ("{", .endOfText, 1), (#"{"shards" 3}"#, .unexpectedByte, 10),
            (#"{"shards": 3,}"#, .unexpectedByte, 13), (#"{"shards": 3, "shards": 4}"#, .duplicateKey, 14),
        ] {
            let fault = SettingsFile.Fault.malformed(path: file.path, JSONError(reason: reason, offset: offset))
            #expect(throws: fault, "\(text)") { try read(text) }
        }
        #expect(throws: SettingsFile.Fault.noObject(path: file.path)) { try read("[]") }
        #expect(throws: SettingsFile.Fault.self) { try NodeConfiguration.read(flags: [:], file: "/nowhere.json") }
    }

    @Test("name what CloudWatch keeps metrics under, and how often: nothing unless they do")
    func cloudWatch() throws {
        func cloudWatch(_ flags: [String: String]) throws -> NodeConfiguration.CloudWatchSettings? {
            let needed = ["data-dir": "/nowhere", "payment": "in-process"]
            return try NodeConfiguration.read(flags: flags.merging(needed) { $1 }, file: nil).cloudWatch
        }
        #expect(try cloudWatch([:]) == nil)
        #expect(
            try cloudWatch(["cloudwatch-namespace": "My/Shop"])
                == .init(namespace: "My/Shop", period: .seconds(60)))
        for (setting, value) in [
            ("cloudwatch-namespace", "AWS/EC2"), ("cloudwatch-namespace", ":shop"), ("cloudwatch-namespace", "a shop"),
            ("cloudwatch-namespace", String(repeating: "a", count: 256)), ("cloudwatch-period", "0s"),
        ] {
            #expect(throws: NodeConfiguration.Invalid.self) { _ = try cloudWatch([setting: value]) }
        }
    }

    @Test("that may hold a secret are not repeated when they are refused")
    func secrets() {
        let refusal = NodeConfiguration.Invalid(setting: NodeConfiguration.paymentURL, value: "http://u:hunter2@host")
        #expect(!"\(refusal)".contains("hunter2"))
    }

    @Test("say both ways to name a payment provider when there is none")
    func bothWays() {
        let text = "\(NodeConfiguration.PaymentUnclear.missing)"
        for way in ["--payment-url", "CLOUDRETAIL_PAYMENT_URL", "--payment in-process", "CLOUDRETAIL_PAYMENT)"] {
            #expect(text.contains(way), "\(text)")
        }
    }

    @Test("of a tool's gateway are not repeated when they are refused")
    func gatewayAddress() {
        let arguments = ["import", "catalogue", "f.csv", "--url", "http://u:hunter2@h", "--token-file", "t"]
        do {
            _ = try CloudRetail.parseAsRoot(arguments)
            Issue.record("an address with a password was taken")
        } catch {
            let text = CloudRetail.fullMessage(for: error)
            #expect(text.contains("--url") && !text.contains("hunter2"), "\(text)")
        }
    }

    @Test("on the command line are those of the table, and each is heard")
    func everyFlagIsHeard() throws {
        let names = NodeConfiguration.table.map(\.name)
        let command = try ServeCommand.parse(names.flatMap { ["--\($0)", "value of \($0)"] })
        #expect(command.settings.given == Dictionary(uniqueKeysWithValues: names.map { ($0, "value of \($0)") }))
        #expect(try ServeCommand.parse([]).settings.given.isEmpty)
    }
}
