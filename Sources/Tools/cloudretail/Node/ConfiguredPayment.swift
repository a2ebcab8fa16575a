import Checkout
import Logging
import ServiceLifecycle
import WatchedFiles

/// The payment provider that the configuration names, and what has to run beside it.
struct ConfiguredPayment: Sendable {
    let provider: any PaymentProvider
    let policy = PaymentPolicy()
    let services: [any Service]
    /// Those of a payment simulator; nil where the provider is none, or its switches are not to be offered.
    let faultSwitches: (any PaymentFaultSwitches)?
    /// What metrics call it.
    let name: String

    /// - Throws: why the address or the key cannot be used.
    init(_ payment: NodeConfiguration.Payment, logger: Logger) throws {
        switch payment {
        case .inProcess:
            provider = InProcessPaymentProvider(methods: .withTestMethods)
            services = []
            faultSwitches = nil
            name = "in-process"
            logger.warning(
                "Payments are decided inside this node: no customer is charged, and every order counts as paid",
                metadata: ["payment": .string(name)])
        case .url(let url, let keyFile, let isSimulator):
            let watched = keyFile.map { WatchedFiles($0) }
            let key = try keyFile.map(PaymentKeyRenewal.read)
            if key == nil {
                logger.warning("The payment gateway is called without a key; payment-key-file names one")
            }
            let http = try NodeConfiguration.Unusable.unless(NodeConfiguration.paymentURL) { [policy] in
                try HTTPPaymentProvider(url: url, key: key, policy: policy, logger: logger)
            }
            provider = http
            var services: [any Service] = [PaymentConnection(provider: http)]
            if let keyFile, let watched {
                services.append(
                    PaymentKeyRenewal(provider: http, path: keyFile, watched: watched, logger: logger))
            }
            self.services = services
            faultSwitches = isSimulator ? http : nil
            name = "http"
        }
    }
}

/// Closes the connections to the payment gateway once no order is charged any more.
private struct PaymentConnection: Service {
    let provider: HTTPPaymentProvider

    func run() async throws {
        try? await gracefulShutdown()
        try await provider.shutdown()
    }
}
