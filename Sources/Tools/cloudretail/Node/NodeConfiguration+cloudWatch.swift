/// The settings of a node whose metrics Amazon CloudWatch keeps.
extension NodeConfiguration {
    struct CloudWatchSettings: Sendable, Equatable {
        var namespace: String
        /// Between two lines.
        var period: Duration
    }

    static let cloudWatchNamespace = Setting(
        "cloudwatch-namespace", default: "",
        "Where Amazon CloudWatch keeps the node's metrics: they are then written to standard output, in its Embedded "
            + "Metric Format. The same on every node. Empty: they are not.")
    static let cloudWatchPeriod = Setting(
        "cloudwatch-period", default: "60s", "With `cloudwatch-namespace`: how often they are written.")

    static let cloudWatchTable = [cloudWatchNamespace, cloudWatchPeriod]

    /// - Returns: nil for a node that writes none.
    static func cloudWatch(_ text: (Setting) -> String) throws -> CloudWatchSettings? {
        guard let period = Duration(setting: text(cloudWatchPeriod)[...]) else {
            throw Invalid(setting: cloudWatchPeriod, value: text(cloudWatchPeriod))
        }
        let namespace = text(cloudWatchNamespace)
        guard !namespace.isEmpty else { return nil }
        // Source: "PutMetricData", Amazon CloudWatch API reference. What begins with AWS/ is the vendor's own.
        guard namespace.wholeMatch(of: /[A-Za-z0-9.\-_\/#][A-Za-z0-9.\-_\/#:]{0,254}/) != nil,
            !namespace.hasPrefix("AWS/")
        else { throw Invalid(setting: cloudWatchNamespace, value: namespace) }
        return CloudWatchSettings(namespace: namespace, period: period)
    }
}
