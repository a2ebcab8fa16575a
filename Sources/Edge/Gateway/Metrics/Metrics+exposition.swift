/// The text that Prometheus reads, version 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/
extension Metrics {
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    public func exposition() -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(64 << 10)
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let help = Self.escape(family.help, quotes: false)
            text.append(contentsOf: "# HELP \(name) \(help)\n# TYPE \(name) \(family.kind)\n".utf8)
            for sample in family.samples {
                switch sample.value {
                case .number(let number): Self.line(Self.series(name, sample.labels), number, &text)
                case .time(let nanoseconds): Self.line(Self.series(name, sample.labels), seconds: nanoseconds, &text)
                case .durations(let counts): Self.write(name, sample.labels, counts, &text)
                }
            }
        }
        return text
    }

    private static func write(_ name: String, _ labels: Labels, _ counts: HistogramCounts, _ text: inout [UInt8]) {
        let bounds = counts.bounds.map(HistogramCounts.seconds) + ["+Inf"]
        var cumulated = 0
        for (bound, bucket) in zip(bounds, counts.buckets) {
            cumulated += bucket
            line(series(name + "_bucket", labels + [("le", bound)]), cumulated, &text)
        }
        line(series(name + "_sum", labels), seconds: counts.nanoseconds, &text)
        line(series(name + "_count", labels), cumulated, &text)
    }

    static func series(_ name: String, _ labels: Labels) -> String {
        if labels.isEmpty { return name }
        let told = labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
        return name + "{" + told.joined(separator: ",") + "}"
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func line(_ series: String, seconds nanoseconds: Int, _ text: inout [UInt8]) {
        text.append(contentsOf: "\(series) \(HistogramCounts.seconds(nanoseconds))\n".utf8)
    }

    private static func line(_ series: String, _ value: Int, _ text: inout [UInt8]) {
        text.append(contentsOf: series.utf8)
        text.append(UInt8(ascii: " "))
        text.appendDecimal(Int64(value))
        text.append(UInt8(ascii: "\n"))
    }
}
