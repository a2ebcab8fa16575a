import ArgumentParser
import Testing

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
    func values() async throws {
        let flags = [
            "data-dir": "/nowhere", "payment": "in-process", "cors-origins": "https://a.example, https://b.example",
            "requests-in-flight-max": "7"
        ]
        let configuration = try await NodeConfiguration.read(flags: flags, file: nil)
        #expect(configuration.corsOrigins == ["https://a.example", "https://b.example"])
        #expect(configuration.requestsInFlightMax == 7)
        await #expect(throws: NodeConfiguration.Invalid.self) {
            _ = try await NodeConfiguration.read(
                flags: flags.merging(["requests-in-flight-max": "0"]) { $1 }, file: nil)
        }
    }

    @Test("name the payment provider: without one, or with two, a node does not start")
    func payment() async throws {
        func payment(_ flags: [String: String]) async throws -> NodeConfiguration.Payment {
            try await NodeConfiguration.read(flags: flags.merging(["data-dir": "/nowhere"]) { $1 }, file: nil).payment
        }
        #expect(try await payment(["payment": "in-process"]) == .inProcess)
        #expect(try await payment(["payment-url": "http://a"]) == .url("http://a", keyFile: nil, isSimulator: false))
        #expect(
            try await payment(["payment-url": "http://a", "payment-key-file": "/k", "payment-faults": "on"])
                == .url("http://a", keyFile: "/k", isSimulator: true))
        await #expect(throws: NodeConfiguration.PaymentUnclear.missing) { try await payment([:]) }
        await #expect(throws: NodeConfiguration.PaymentUnclear.ambiguous) {
            try await payment(["payment": "in-process", "payment-url": "http://a"])
        }
        await #expect(throws: NodeConfiguration.PaymentUnclear.keyWithoutURL) {
            try await payment(["payment": "in-process", "payment-key-file": "/k"])
        }
        await #expect(throws: NodeConfiguration.PaymentUnclear.faultsWithoutURL) {
            try await payment(["payment": "in-process", "payment-faults": "on"])
        }
        await #expect(throws: NodeConfiguration.Invalid.self) { try await payment(["payment": "none"]) }
        await #expect(throws: NodeConfiguration.Invalid.self) {
            try await payment(["payment-url": "http://a", "payment-faults": "some"])
        }
    }

    @Test("take files from Secrets Manager, in the place of each that holds a key, a certificate or a password")
    func secretsManager() async throws {
        let flags = [
            "data-dir": "/data", "payment-url": "http://a", "payment-key-file": "secretsmanager:shop#payment",
            "tls-certificate": "/tls.pem", "tls-key": "secretsmanager:tls",
        ]
        let configuration = try await NodeConfiguration.read(flags: flags, file: nil)
        #expect(configuration.tls == .init(certificate: "/tls.pem", key: "/data/secrets/current/tls-key"))
        let keyFile = "/data/secrets/current/payment-key-file"
        #expect(configuration.payment == .url("http://a", keyFile: keyFile, isSimulator: false))
        #expect(configuration.secrets.references.map(\.setting) == ["payment-key-file", "tls-key"])
        #expect(configuration.secrets.refresh == .seconds(60))
        for (setting, value) in [("tls-key", "secretsmanager:a#"), ("secrets-refresh", "0s")] {
            await #expect(throws: NodeConfiguration.Invalid.self) {
                _ = try await NodeConfiguration.read(flags: flags.merging([setting: value]) { $1 }, file: nil)
            }
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
