extension NodeConfiguration {
    /// Why it is not clear who moves the customers' money. No provider is taken for granted: a shop that sells without
    /// one would call every order paid.
    enum PaymentUnclear: Error, Equatable, CustomStringConvertible {
        case missing
        case ambiguous
        case keyWithoutURL

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
            }
        }
    }

    static func provider(url: String, keyFile: String, other: String) throws -> Payment {
        guard other.isEmpty || other == "in-process" else { throw Invalid(setting: payment, value: other) }
        switch (url.isEmpty, other.isEmpty) {
        case (true, true): throw PaymentUnclear.missing
        case (false, false): throw PaymentUnclear.ambiguous
        case (true, false):
            guard keyFile.isEmpty else { throw PaymentUnclear.keyWithoutURL }
            return .inProcess
        case (false, true): return .url(url, keyFile: keyFile.isEmpty ? nil : keyFile)
        }
    }
}
