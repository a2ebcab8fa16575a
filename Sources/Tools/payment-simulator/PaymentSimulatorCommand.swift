import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle

@main
struct PaymentSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payment-simulator",
        abstract: "A payment provider to test against: HTTP, idempotency keys, a ledger and fault switches.",
        discussion: """
            POST /v1/charges           {order_id, customer_id, amount, currency, payment_method}
            GET  /v1/charges?idempotency_key=KEY   404 when it was never seen
            POST /v1/charges/KEY/void  no charge under the key stands or ever will
            POST /v1/refunds           {charge_id, amount}
            GET  /v1/ledger            everything charged and refunded
            GET  /v1/ledger/summary    sums, and orders charged more than once
            GET, PUT, DELETE /faults   the fault switches

            Charges and refunds need an Idempotency-Key.

            Faults are {"NAME": true | probability | {"next": N}, …}:
              decline
              error_500, hang_before, close_before         and nothing was done
              error_after_charge, hang, close_after_charge though it was done
            and "fail_next": N, "delay_ms": N, "refuse_connections_ms": N.
            The last closes the listening socket for so long.

            The payment methods pm_decline, pm_hang and pm_error do as they say. A method pm_<customer id> or
            pm_<customer id>_<anything> is that customer's alone; every other one belongs to all.

            With --key-file, charges, voids and refunds need Authorization: Bearer KEY. The file is read for each \
            request, and may hold two keys, a line each: the one that a shop replaces, and the next one.
            """)

    /// Callers that still wait have given up long before.
    static let shutdownMax: Duration = .seconds(5)

    @Option(help: ArgumentHelp("Where to listen; port 0 takes any free one.", valueName: "host:port"))
    var http = "127.0.0.1:9090"

    @Option(
        help: ArgumentHelp(
            "A second address for the ledger and the switches, open while the first refuses.", valueName: "host:port"))
    var control: String?

    @Option(help: ArgumentHelp("Keep the ledger in this file, flushed before each answer.", valueName: "file"))
    var ledger: String?

    @Option(
        help: ArgumentHelp(
            "A file, mode 0600, with the key, or two, that callers of the API must send.", valueName: "file"))
    var keyFile: String?

    func run() async throws {
        let simulator = try PaymentSimulator(
            address: try Self.address(http), control: try control.map(Self.address), ledger: ledger,
            keyFile: keyFile, onListening: announce)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: simulator)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "payment-simulator"))
        configuration.maximumGracefulShutdownDuration = Self.shutdownMax
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Tells the parent process, by a line on standard output, where we are.
    private func announce(_ listener: PaymentSimulator.Listener, port: Int) {
        let line =
            switch listener {
            case .api: "listening on \(Self.host(of: http)):\(port)\n"
            case .control: "control on \(Self.host(of: control ?? http)):\(port)\n"
            }
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    private static func host(of address: String) -> String {
        String(address[..<(address.lastIndex(of: ":") ?? address.endIndex)])
    }

    private static func address(_ text: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = UInt16(text[text.index(after: colon)...])
        else { throw ValidationError("'\(text)' is not HOST:PORT.") }
        return (String(text[..<colon]), Int(port))
    }
}
