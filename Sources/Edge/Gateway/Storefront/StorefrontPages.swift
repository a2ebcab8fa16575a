import Foundation
import HTTPTypes
import Synchronization

/// The documents of the storefront, each of which says which gateways its page may go on with.
final class StorefrontPages: Sendable {
    private struct Made {
        let gateways: [String]
        let documents: [String: StorefrontFile]
    }

    /// The documents and their codings, by path.
    private let files: [String: [UInt8]]
    /// Origins of all nodes, as of now.
    private let gateways: @Sendable () -> [String]
    private let made: Mutex<Made>

    init(_ files: [String: [UInt8]], gateways: @escaping @Sendable () -> [String]) {
        self.files = files
        self.gateways = gateways
        let first = gateways()
        made = Mutex(Made(gateways: first, documents: Self.documents(files, first)))
    }

    /// By the names of their files; made anew when other nodes have come.
    var documents: [String: StorefrontFile] {
        let now = gateways()
        return made.withLock { made in
            if made.gateways != now { made = Made(gateways: now, documents: Self.documents(files, now)) }
            return made.documents
        }
    }

    private static func documents(_ files: [String: [UInt8]], _ gateways: [String]) -> [String: StorefrontFile] {
        Storefront.routes.keys.reduce(into: [:]) { documents, name in
            documents[name] = files[name].map { document(name, $0, in: files, gateways) }
        }
    }

    private static func document(
        _ name: String, _ content: [UInt8], in files: [String: [UInt8]], _ gateways: [String]
    ) -> StorefrontFile {
        let headers: HTTPFields = [
            .cacheControl: "no-cache", .contentSecurityPolicy: policy(gateways),
            .crossOriginOpenerPolicy: "same-origin",
        ]
        let html = "text/html; charset=utf-8"
        guard !gateways.isEmpty else {
            return StorefrontFile(html, content, coded: Storefront.codings(of: name, in: files), headers: headers)
        }
        let text = String(decoding: content, as: UTF8.self)
        let told = text.replacing(Self.placeForGateways, with: Self.meta(gateways))
        return StorefrontFile(html, Array(told.utf8), headers: headers)
    }

    private static let placeForGateways = meta([])

    private static func meta(_ gateways: [String]) -> String {
        "<meta name=\"gateways\" content=\"\(gateways.joined(separator: " "))\">"
    }

    /// Scripts and styles are the node's own, and none stands in a page. Pictures of products may lie elsewhere.
    private static func policy(_ gateways: [String]) -> String {
        [
            "default-src 'self'", "connect-src " + (["'self'"] + gateways).joined(separator: " "),
            "img-src 'self' https:", "object-src 'none'", "base-uri 'none'", "form-action 'self'",
            "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
        ].joined(separator: "; ")
    }
}
