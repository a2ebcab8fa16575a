import Foundation
import HTTPTypes

/// The shop's and the console's files for browsers, read into memory once: what a request names is looked up among
/// them, and no path of a request ever reaches the disk.
public struct Storefront: Sendable {
    public enum Failure: Error, Equatable, CustomStringConvertible {
        case unreadable(path: String)
        /// One of the documents is not there: the path that it would have.
        case incomplete(missing: String)
        case tooLarge
        /// Neither `https://host` nor `http://host:port`.
        case invalidGateway(String)

        public var description: String {
            switch self {
            case .unreadable(let path): "\(path) cannot be read"
            case .incomplete(let missing): "\(missing) is missing: tools/storefront build makes it"
            case .tooLarge: "there are more files, or larger ones, than a storefront has"
            case .invalidGateway(let text): "\"\(text)\" is no origin such as https://shop.example:8443"
            }
        }
    }

    /// A storefront has a hundred; a folder that was given by mistake has more.
    static let filesMax = 2_000
    /// All of them stay in memory.
    static let bytesMax = 64 << 20

    /// What is named by its content, by the name under `/assets/`.
    let assets: [String: StorefrontFile]
    let pages: StorefrontPages
    /// Origins of all nodes, at the moment; nil where pages are told of none.
    let origins: (@Sendable () -> [String])?

    /// The paths, as routes, that each document is served under. Those of the shop have in them what their pages show
    /// before anything is read.
    static let routes: [String: [String]] = [
        "index.html": ["/"], "search.html": ["/search"], "product.html": ["/products/{id}"], "cart.html": ["/cart"],
        "checkout.html": ["/checkout"], "orders.html": ["/orders"], "order.html": ["/orders/{id}"],
        "account.html": ["/account"], "log-in.html": ["/log-in"], "register.html": ["/register"],
        "console.html": ["/console", "/console/**", "/docs"], missing: [],
    ]

    /// What a browser is shown where nothing is.
    static let missing = "missing.html"

    /// Reads what `tools/storefront build` has laid down.
    ///
    /// - Parameter gateways: origins of all nodes, the one that serves included: a page goes on with the next one
    ///   when its own does not answer.
    public init(folder: String, gateways: [String]) throws(Failure) {
        if let invalid = gateways.first(where: { !Self.isOrigin($0) }) { throw .invalidGateway(invalid) }
        let origins: @Sendable () -> [String] = { gateways }
        try self.init(folder: folder, origins: gateways.isEmpty ? nil : origins)
    }

    /// - Parameter gateways: as they are at the moment; what is no origin is left out.
    public init(folder: String, gateways: @escaping @Sendable () -> [String]) throws(Failure) {
        let origins: @Sendable () -> [String] = { gateways().filter { Self.isOrigin($0) } }
        try self.init(folder: folder, origins: origins)
    }

    private init(folder: String, origins: (@Sendable () -> [String])?) throws(Failure) {
        self.origins = origins
        let files = try Self.contents(of: folder)
        var assets: [String: StorefrontFile] = [:]
        for (path, content) in files where path.hasPrefix("assets/") {
            let isVariant = StorefrontFile.Coding.allCases.contains { path.hasSuffix($0.suffix) }
            guard !isVariant else { continue }
            let coded = Self.codings(of: path, in: files)
            assets[String(path.dropFirst("assets/".count))] = StorefrontFile(
                Self.type(of: path), content, coded: coded, headers: [.cacheControl: Self.forEver])
        }
        self.assets = assets
        for name in Self.routes.keys.sorted() where files[name] == nil {
            throw .incomplete(missing: "\(folder)/\(name)")
        }
        let others = files.filter { !$0.key.hasPrefix("assets/") }
        pages = StorefrontPages(others, gateways: origins ?? { [] })
    }

    /// The name of an asset changes with its content.
    private static let forEver = "public, max-age=31536000, immutable"

    static func isOrigin(_ text: String) -> Bool {
        text.wholeMatch(of: /https?:\/\/(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?/) != nil
    }

    // MARK: Files

    static func codings(
        of path: String, in files: [String: [UInt8]]
    ) -> [StorefrontFile.Coding: [UInt8]] {
        StorefrontFile.Coding.allCases.reduce(into: [:]) { $0[$1] = files[path + $1.suffix] }
    }

    private static func type(of path: String) -> String {
        switch path.split(separator: ".").last {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "webp": "image/webp"
        case "woff2": "font/woff2"
        case "json": "application/json"
        default: "application/octet-stream"
        }
    }

    /// Every regular file below a folder, by its path from there. Links are not followed.
    private static func contents(of folder: String) throws(Failure) -> [String: [UInt8]] {
        let manager = FileManager.default
        guard let paths = manager.enumerator(atPath: folder) else { throw .unreadable(path: folder) }
        var files: [String: [UInt8]] = [:]
        var bytes = 0
        for case let path as String in paths {
            let full = "\(folder)/\(path)"
            guard let attributes = try? manager.attributesOfItem(atPath: full),
                attributes[.type] as? FileAttributeType == .typeRegular
            else { continue }
            bytes += attributes[.size] as? Int ?? 0
            guard files.count < filesMax, bytes <= bytesMax else { throw .tooLarge }
            guard let content = manager.contents(atPath: full) else { throw .unreadable(path: full) }
            files[path] = [UInt8](content)
        }
        return files
    }
}
