/// A file of the storefront as a store of objects serves it, which has one form of each.
public struct StoredFile: Sendable {
    /// From the root of the site on, without a slash; with the suffix of its coding.
    public let path: String
    public let content: [UInt8]
    /// The value of `Content-Type`.
    public let type: String
    /// The value of `Cache-Control`.
    public let cacheControl: String
    /// The value of `Content-Encoding`; nil for the content as it is.
    public let coding: String?

    /// Whether its name changes with its content.
    public var isPermanent: Bool { path.hasPrefix("assets/") }
}

extension Storefront {
    /// All files, in the order in which they may appear: a page comes after everything that it loads.
    public var storedFiles: [StoredFile] {
        assets.sorted { $0.key < $1.key }.flatMap { $1.stored(as: "assets/\($0)") }
            + pages.documents.sorted { $0.key < $1.key }.flatMap { $1.stored(as: $0) }
    }
}
