extension NodeConfiguration {
    /// Why it is not clear who moves the customers' money. No provider is taken for granted: a shop that sells without
    /// one would call every order paid.
    enum PaymentUnclear: WrongSetting, Equatable {
        case missing
        case ambiguous
        case keyWithoutURL
        case faultsWithoutURL

        var description: String {
            let url = "\(paymentURL.name) (--\(paymentURL.name) URL or \(paymentURL.variable))"
            let inProcess = "\(NodeConfiguration.payment.name) in-process"
                + " (--\(NodeConfiguration.payment.name) in-process or \(NodeConfiguration.payment.variable))"
            return switch self {
            case .missing:
                "A node needs a payment provider. Give \(url), or, to try the shop out, \(inProcess): "
                    + "then no customer is charged, and every order counts as paid."
            case .ambiguous: "Give either \(url) or \(inProcess), not both."
            case .keyWithoutURL: "\(paymentKeyFile.name) (\(paymentKeyFile.variable)) goes with \(url)."
            case .faultsWithoutURL: "\(paymentFaults.name) (\(paymentFaults.variable)) goes with \(url)."
            }
        }
    }

    static func provider(url: String, keyFile: String, other: String, faults: String) throws -> Payment {
        guard other.isEmpty || other == "in-process" else { throw Invalid(setting: payment, value: other) }
        guard let isSimulator = ["on": true, "off": false][faults] else {
            throw Invalid(setting: paymentFaults, value: faults)
        }
        switch (url.isEmpty, other.isEmpty) {
        case (true, true): throw PaymentUnclear.missing
        case (false, false): throw PaymentUnclear.ambiguous
        case (true, false):
            guard keyFile.isEmpty else { throw PaymentUnclear.keyWithoutURL }
            guard !isSimulator else { throw PaymentUnclear.faultsWithoutURL }
            return .inProcess
        case (false, true): return .url(url, keyFile: keyFile.isEmpty ? nil : keyFile, isSimulator: isSimulator)
        }
    }
}
