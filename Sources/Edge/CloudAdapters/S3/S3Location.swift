/// The name of an object of S3: `s3://bucket/key`.
public struct S3Location: Sendable, Hashable, LosslessStringConvertible {
    /// Source: "Bucket naming rules" and "Naming Amazon S3 objects", Amazon S3 user guide.
    private static let bucketLengths = 3...63
    private static let keyBytesMax = 1_024

    public let bucket: String
    /// Any text; slashes in it are no folders.
    public let key: String

    /// - Returns: nil for what can name neither a bucket nor an object of it.
    public init?(bucket: String, key: String) {
        guard Self.bucketLengths.contains(bucket.utf8.count), bucket.wholeMatch(of: /[a-z0-9][a-z0-9.-]*/) != nil,
            !key.isEmpty, key.utf8.count <= Self.keyBytesMax
        else { return nil }
        self.bucket = bucket
        self.key = key
    }

    public init?(_ text: String) {
        guard text.hasPrefix(Self.scheme) else { return nil }
        let parts = text.dropFirst(Self.scheme.count).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(bucket: String(parts[0]), key: String(parts[1]))
    }

    private static let scheme = "s3://"

    /// Whether `text` is meant to be one, rather than a file.
    public static func isMeant(by text: String) -> Bool { text.hasPrefix(scheme) }

    public var description: String { "\(Self.scheme)\(bucket)/\(key)" }

    /// The bucket stands in the path: that holds for every bucket's name, and for every server that speaks S3.
    var path: String { "/\(bucket)/\(key)" }
}
