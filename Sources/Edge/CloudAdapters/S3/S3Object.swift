/// What is known of an object without reading it.
public struct S3Object: Sendable, Hashable {
    public let location: S3Location
    /// Bytes.
    public let size: Int64
    /// Another one for other bytes; with its quotation marks.
    public let tag: String
    /// Under which it was written by `S3Client`; nil in lists.
    let upload: String?
}

/// How an object is served to browsers.
public struct S3ObjectHead: Sendable, Hashable {
    public var contentType: String?
    public var cacheControl: String?
    public var contentEncoding: String?

    public init(contentType: String? = nil, cacheControl: String? = nil, contentEncoding: String? = nil) {
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.contentEncoding = contentEncoding
    }

    var fields: [CloudRequest.Field] {
        [("content-type", contentType), ("cache-control", cacheControl), ("content-encoding", contentEncoding)]
            .compactMap { name, value in value.map { .init(name, $0) } }
    }
}
