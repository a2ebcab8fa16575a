import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Gateway

@Suite("The storefront")
struct StorefrontTests {
    /// A folder as `tools/storefront build` makes it, for the length of `body`.
    @discardableResult private static func withFolder<T>(
        _ extra: [String: String] = [:], _ body: (String) async throws -> T
    ) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storefront-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let documents = Storefront.routes.keys.map {
            ($0, "<title>\($0)</title><meta name=\"gateways\" content=\"\">")
        }
        let files = [
            "index.html.br": "home in br", "assets/shop-1.js": "0123456789", "assets/shop-1.js.br": "br",
            "assets/shop-1.js.gz": "gz!", "assets/mug-1.svg": "<svg/>", "secret.txt": "not an asset",
        ].merging(documents) { $1 }.merging(extra) { $1 }
        for (path, text) in files {
            let url = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return try await body(folder.path)
    }

    private static func run(
        gateways: [String] = [], _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let fixture = try await GatewayFixture()
            let routes = fixture.routes()
            routes.add(try Storefront(folder: folder, gateways: gateways))
            try await fixture.run(routes, body)
        }
    }

    @Test("answers each page of the shop and of the console with its document, to be asked for again")
    func pages() async throws {
        try await Self.run { client in
            let pages = [("/", "index"), ("/search?q=mug", "search"), ("/products/prd_1", "product"), ("/cart", "cart"),
                ("/checkout", "checkout"), ("/orders", "orders"), ("/orders/ord_1", "order"), ("/account", "account"),
                ("/log-in", "log-in"), ("/register", "register"), ("/console", "console"), ("/console/", "console"),
                ("/console/orders/ord_1", "console"), ("/docs", "console")]
            for (uri, name) in pages {
                let page = try await client.execute(uri: uri, method: .get)
                let body = String(buffer: page.body)
                #expect(page.status == .ok && body.contains("<title>\(name).html</title>"), "\(uri)")
                #expect(page.headers[.cacheControl] == "no-cache" && page.headers[.eTag] != nil)
                let policy = try #require(page.headers[.contentSecurityPolicy])
                #expect(policy.hasPrefix("default-src 'self'; connect-src 'self';"))
                #expect(policy.contains("require-trusted-types-for 'script'") && !policy.contains("unsafe"))
            }
            let coded = try await client.execute(uri: "/", method: .get, headers: [.acceptEncoding: "gzip, br"])
            #expect(String(buffer: coded.body) == "home in br" && coded.headers[.contentEncoding] == "br")
        }
    }

    @Test("shows a browser the shop's page where nothing is, with 404; others, and the interface, say so in JSON")
    func missing() async throws {
        try await Self.run { client in
            let html: HTTPFields = [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"]
            for uri in ["/nowhere", "/products/a/b", "/index.html"] {
                let page = try await client.execute(uri: uri, method: .get, headers: html)
                #expect(page.status == .notFound, "\(uri)")
                #expect(page.headers[.contentType] == "text/html; charset=utf-8")
                #expect(String(buffer: page.body).contains("<title>missing.html</title>"))
                #expect(page.headers[.contentSecurityPolicy] != nil && page.headers[.eTag] == nil)
                #expect(page.headers[values: .vary].contains("Accept"))
                let head = try await client.execute(uri: uri, method: .head, headers: html)
                #expect(head.status == .notFound && head.body.readableBytes == 0)
                let other = try await client.execute(uri: uri, method: .get, headers: [.accept: "*/*"])
                #expect(other.status == .notFound && other.headers[.contentType] == "application/problem+json")
            }
            for (uri, method) in [("/api/v1/nowhere", .get), ("/nowhere", .post)] as [(String, HTTPRequest.Method)] {
                let answer = try await client.execute(uri: uri, method: method, headers: html)
                #expect(answer.status == .notFound && answer.headers[.contentType] == "application/problem+json")
            }
        }
    }

    @Test("tells a page the other gateways and lets it call them")
    func gateways() async throws {
        try await Self.run(gateways: ["http://10.0.0.1:8080", "https://b.example"]) { client in
            let page = try await client.execute(uri: "/", method: .get, headers: [.acceptEncoding: "br"])
            #expect(String(buffer: page.body).contains("content=\"http://10.0.0.1:8080 https://b.example\""))
            #expect(page.headers[.contentSecurityPolicy]?
                .contains("connect-src 'self' http://10.0.0.1:8080 https://b.example;") == true)
        }
        for text in ["", "ftp://a", "http://a/b", "http://a\"", "http://a b", "http://a'; script-src *", "*"] {
            #expect(!Storefront.isOrigin(text), "\(text)")
            try await Self.withFolder { folder in
                #expect(throws: Storefront.Failure.invalidGateway(text)) {
                    try Storefront(folder: folder, gateways: [text])
                }
            }
        }
        #expect(Storefront.isOrigin("http://[::1]:8080"))
    }

    @Test("tells a page the gateways of the moment, and lets their pages call it, while nodes come and go")
    func members() async throws {
        let members = Mutex(["http://10.0.0.1:8080"])
        try await Self.withFolder { folder in
            let fixture = try await GatewayFixture()
            let routes = fixture.routes()
            routes.add(try Storefront(folder: folder) { members.withLock { $0 } })
            try await fixture.run(routes) { client in
                for (now, gone) in [
                    (["http://10.0.0.1:8080"], "http://10.0.0.4:8080"),
                    (["http://10.0.0.1:8080", "http://10.0.0.4:8080", "http://a b"], "http://10.0.0.2:8080"),
                    (["http://10.0.0.4:8080"], "http://10.0.0.1:8080"),
                ] {
                    members.withLock { $0 = now }
                    let named = now.filter { !$0.contains(" ") }.joined(separator: " ")
                    let page = try await client.execute(uri: "/", method: .get, headers: [.acceptEncoding: "br"])
                    #expect(String(buffer: page.body).contains("content=\"\(named)\""))
                    #expect(page.headers[.contentSecurityPolicy]?.contains("connect-src 'self' \(named);") == true)
                    for origin in named.split(separator: " ").map(String.init) + [gone] {
                        let answer = try await client.execute(uri: "/livez", method: .get, headers: [.origin: origin])
                        #expect(answer.headers[.accessControlAllowOrigin] == (origin == gone ? nil : origin))
                        #expect(answer.headers[values: .vary].contains("Origin"))
                    }
                }
            }
        }
        // A node alone is asked by its own pages.
        try await Self.run { client in
            let answer = try await client.execute(uri: "/livez", method: .get)
            #expect(answer.headers[.vary] == nil)
        }
    }

    @Test("answers an asset in the best coding that the client takes, for ever, and 304 to one that has it")
    func assets() async throws {
        try await Self.run { client in
            let cases: [(String?, String, String?)] = [
                (nil, "0123456789", nil), ("gzip, deflate, br, zstd", "br", "br"), ("gzip", "gz!", "gzip"),
                ("*", "br", "br"), ("br;q=0, gzip;q=0.1", "gz!", "gzip"), ("br;q=0.000, *;q=0", "0123456789", nil),
                ("identity", "0123456789", nil), ("BR", "br", "br"), (";;,", "0123456789", nil),
            ]
            for (accepted, body, coding) in cases {
                let headers: HTTPFields = accepted.map { [.acceptEncoding: $0] } ?? [:]
                let full = try await client.execute(uri: "/assets/shop-1.js", method: .get, headers: headers)
                #expect(String(buffer: full.body) == body, "\(accepted ?? "")")
                #expect(full.headers[.contentEncoding] == coding && full.headers[.vary] == "Accept-Encoding")
                #expect(full.headers[.contentType] == "text/javascript; charset=utf-8")
                #expect(full.headers[.cacheControl] == "public, max-age=31536000, immutable")
                let tag = try #require(full.headers[.eTag])
                let same = try await client.execute(
                    uri: "/assets/shop-1.js", method: .get, headers: headers.with(.ifNoneMatch, tag))
                #expect(same.status == .notModified && same.body.readableBytes == 0 && same.headers[.eTag] == tag)
                let head = try await client.execute(uri: "/assets/shop-1.js", method: .head, headers: headers)
                #expect(head.status == .ok && head.body.readableBytes == 0)
                #expect(head.headers[.contentLength] == "\(body.utf8.count)" && head.headers[.eTag] == tag)
            }
        }
    }

    @Test("answers parts of the plain content", arguments: [
        ("bytes=0-3", 206, "0123", "bytes 0-3/10"), ("bytes=8-", 206, "89", "bytes 8-9/10"),
        ("bytes=-3", 206, "789", "bytes 7-9/10"), ("bytes=-30", 206, "0123456789", "bytes 0-9/10"),
        ("bytes=4-99", 206, "456789", "bytes 4-9/10"), ("bytes=10-", 416, "", "bytes */10"),
        ("bytes=-0", 416, "", "bytes */10"), ("bytes=5-4", 200, "0123456789", nil),
        ("bytes=0-1,3-4", 200, "0123456789", nil), ("lines=0-1", 200, "0123456789", nil),
        ("bytes=a-b", 200, "0123456789", nil), ("bytes=-", 200, "0123456789", nil),
        ("bytes=99999999999999999999-", 200, "0123456789", nil),
    ] as [(String, Int, String, String?)])
    func ranges(range: String, status: Int, body: String, told: String?) async throws {
        try await Self.run { client in
            let answer = try await client.execute(
                uri: "/assets/shop-1.js", method: .get, headers: [.range: range, .acceptEncoding: "br"])
            #expect(answer.status.code == status && String(buffer: answer.body) == body)
            #expect(answer.headers[.contentRange] == told && answer.headers[.contentEncoding] == nil)
        }
    }

    @Test("has nothing but its assets: neither what lies beside them nor what lies above", arguments: [
        "/assets/../secret.txt", "/assets/%2e%2e/secret.txt", "/assets/..%2fsecret.txt", "/assets/%2e%2e%2fsecret.txt",
        "/assets/..%5csecret.txt", "/assets/....//secret.txt", "/assets//secret.txt", "/assets/%00", "/assets/",
        "/assets/shop-1.js.br", "/assets/shop-1.js/", "/assets/shop-1.js%00.svg", "/secret.txt", "/index.html",
        "/assets/%252e%252e%252fsecret.txt", "/assets/mug-1.svg%2f..%2fshop-1.js", "/assets/.",
    ])
    func traversal(uri: String) async throws {
        try await Self.run { client in
            let answer = try await client.execute(uri: uri, method: .get)
            let isAsset = uri == "/assets/shop-1.js/"
            #expect(answer.status == (isAsset ? .ok : .notFound), "\(answer.status)")
            #expect(!String(buffer: answer.body).contains("not an asset"))
        }
    }

    @Test("refuses a folder that lacks a document, does not follow links, and has a limit")
    func folders() async throws {
        #expect(throws: Storefront.Failure.self) { try Storefront(folder: "/nowhere", gateways: []) }
        try await Self.withFolder { folder in
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/assets/link.js", withDestinationPath: "\(folder)/secret.txt")
            #expect(try Storefront(folder: folder, gateways: []).assets["link.js"] == nil)
            try FileManager.default.removeItem(atPath: "\(folder)/console.html")
            #expect(throws: Storefront.Failure.incomplete(missing: "\(folder)/console.html")) {
                try Storefront(folder: folder, gateways: [])
            }
        }
        let many = Dictionary(uniqueKeysWithValues: (0...Storefront.filesMax).map { ("assets/\($0).js", "") })
        try await Self.withFolder(many) { folder in
            #expect(throws: Storefront.Failure.tooLarge) { try Storefront(folder: folder, gateways: []) }
        }
    }
}

extension HTTPFields {
    fileprivate func with(_ name: HTTPField.Name, _ value: String) -> HTTPFields {
        var fields = self
        fields[name] = value
        return fields
    }
}
