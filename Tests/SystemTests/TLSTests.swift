import CertificateTesting
import Foundation
import Testing

extension SystemTests {
    /// With curl, as a client that is not ours.
    @Suite("A node that speaks TLS", .timeLimit(patience)) struct TLSTests {
        private struct Files {
            let folder: URL
            var certificate: String { folder.appending(path: "tls.pem").path }
            var key: String { folder.appending(path: "tls.key").path }

            /// Replaces both files, the certificate first.
            func write(_ certificate: String, _ key: String) throws {
                for (text, path) in [(certificate, self.certificate), (key, self.key)] {
                    let draft = folder.appending(path: UUID().uuidString).path
                    try #require(
                        FileManager.default.createFile(
                            atPath: draft, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
                    try #require(rename(draft, path) == 0)
                }
            }
        }

        /// Runs `body` with a node on loopback; `port` is where it listens.
        private func withNode(
            _ options: [String] = [], _ body: (_ node: ChildProcess, _ port: String, Files) async throws -> Void
        ) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let files = Files(folder: folder)
            try files.write(TestCertificates.first, TestCertificates.firstKey)
            let password = folder.appending(path: "password").path
            try Data(LocalShop.password.utf8).write(to: URL(fileURLWithPath: password))
            try await ChildProcess.run(
                "cloudretail",
                [
                    "admin", "create", "--data-dir", folder.appending(path: "node").path, "--email", LocalShop.email,
                    "--password-file", password,
                ], in: folder)
            let node = try ChildProcess(
                "cloudretail",
                [
                    "serve", "--data-dir", folder.appending(path: "node").path, "--http", "127.0.0.1:0", "--payment",
                    "in-process", "--rate-limits", "off", "--tls-certificate", files.certificate, "--tls-key",
                    files.key,
                ] + options, in: folder)
            let port = try await node.line(after: "listening on https://127.0.0.1:")
            try await body(node, port, files)
            node.terminate()
            #expect(try await node.exit() == 0)
        }

        /// - Parameter trusted: the file with the certificate that curl trusts.
        private func curl(
            _ port: String, _ path: String, trusted: String, _ options: [String] = [], expecting status: Int32 = 0
        ) async throws -> String {
            try await ChildProcess.run(
                "/usr/bin/curl",
                [
                    "-sS", "--max-time", "60", "--cacert", trusted, "--resolve", "localhost:\(port):127.0.0.1",
                    "https://localhost:\(port)\(path)",
                ] + options, in: URL(fileURLWithPath: trusted).deletingLastPathComponent(), expecting: status)
        }

        private static let version = ["-o", "/dev/null", "-w", "%{http_version} %{http_code}"]

        @Test("is told apart from one that cannot be reached, by a tool whose machine does not trust its certificate")
        func untrusted() async throws {
            try await withNode { _, port, files in
                let token = files.folder.appending(path: "token.json")
                try Data(#"{"access_token":"a","refresh_token":"b"}"#.utf8).write(to: token)
                let tool = try ChildProcess(
                    "cloudretail",
                    ["bench", "prepare", "--url", "https://localhost:\(port)", "--token-file", token.path],
                    in: files.folder)
                #expect(try await tool.exit() == 1)
                let told = try tool.complained
                #expect(told.contains("the certificate of https://localhost:\(port)"), "\(told)")
            }
        }

        @Test("is believed by a tool that is told whose certificate it is")
        func authority() async throws {
            try await withNode { _, port, files in
                let url = "https://localhost:\(port)"
                let form = #"{"email":"\#(LocalShop.email)","password":"\#(LocalShop.password)"}"#
                let token = files.folder.appending(path: "token.json")
                let login = try await curl(
                    port, "/api/v1/auth/login", trusted: files.certificate,
                    ["-H", "Content-Type: application/json", "-d", form])
                try Data(login.utf8).write(to: token)
                let asked = ["--url", url, "--token-file", token.path]
                let trusting = asked + ["--ca-file", files.certificate]
                let bench = ["bench", "prepare", "--skus", "2"]
                try await ChildProcess.run("cloudretail", bench + trusting, in: files.folder)
                let output = files.folder.appending(path: "shop.snapshot").path
                try await ChildProcess.run(
                    "cloudretail", ["snapshot", "create", "--output", output] + trusting, in: files.folder)
                let status = ["cluster", "status", "--json"]
                let said = try await ChildProcess.run("cloudretail", status + trusting, in: files.folder)
                #expect(said.contains(#""ready":true"#), "\(said)")
                try await ChildProcess.run("cloudretail", status + asked, in: files.folder, expecting: 1)
                let tool = try ChildProcess(
                    "cloudretail", status + asked + ["--ca-file", files.key], in: files.folder)
                #expect(try await tool.exit() == 1)
                #expect(try tool.complained.contains("\(files.key): There is no certificate in PEM."))
            }
        }

        @Test("offers HTTP/2 and takes HTTP/1.1, and nothing below TLS 1.2 or in the clear")
        func protocols() async throws {
            try await withNode { _, port, files in
                let trusted = files.certificate
                #expect(try await curl(port, "/livez", trusted: trusted, Self.version + ["--http2"]) == "2 200")
                #expect(try await curl(port, "/livez", trusted: trusted, Self.version + ["--http1.1"]) == "1.1 200")
                #expect(
                    try await curl(port, "/livez", trusted: trusted, Self.version + ["--tls-max", "1.2"]) == "2 200")
                _ = try await curl(
                    port, "/livez", trusted: trusted,
                    ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"], expecting: 35)
                // A request in the clear is no handshake.
                let clear = try ChildProcess(
                    "/usr/bin/curl", ["-sS", "http://127.0.0.1:\(port)/livez"], in: files.folder)
                #expect(try await clear.exit() != 0)
            }
        }

        @Test("has the same limits on headers for HTTP/2 as for HTTP/1.1", arguments: ["--http2", "--http1.1"])
        func headers(version: String) async throws {
            try await withNode { _, port, files in
                let status = ["-o", "/dev/null", "-w", "%{http_code}", version]
                func ask(_ path: String, _ headers: [String]) async throws -> String {
                    let fields = headers.flatMap { ["-H", $0] }
                    return try await curl(port, path, trusted: files.certificate, status + fields)
                }
                let (short, long) = (String(repeating: "x", count: 7_000), String(repeating: "x", count: 9_000))
                let asked: [(path: String, headers: [String], status: String)] = [
                    ("/livez?\(short)", [], "200"), ("/livez?\(long)", [], "414"), ("/livez", ["x: \(short)"], "200"),
                    ("/livez", ["x: \(long)"], "431"), ("/livez", (0..<90).map { "x-\($0): 1" }, "200"),
                    ("/livez", (0..<101).map { "x-\($0): 1" }, "431"),
                ]
                for (path, headers, status) in asked {
                    let answered = try await ask(path, headers)
                    #expect(answered == status, "\(path.prefix(20)), \(headers.count) fields")
                }
            }
        }

        @Test("takes up a certificate that replaces the first, keeps it when the next is broken, and says so")
        func renewal() async throws {
            try await withNode { node, port, files in
                let (first, second) = (files.folder.appending(path: "1.pem"), files.folder.appending(path: "2.pem"))
                try Data(TestCertificates.first.utf8).write(to: first)
                try Data(TestCertificates.second.utf8).write(to: second)
                _ = try await curl(port, "/livez", trusted: first.path)
                try files.write(TestCertificates.second, TestCertificates.secondKey)
                try await said(node, "The certificate is renewed")
                _ = try await curl(port, "/livez", trusted: second.path)

                try files.write(TestCertificates.first, "nonsense")
                try await said(node, "The new certificate cannot be used")
                _ = try await curl(port, "/livez", trusted: second.path)
                try files.write(TestCertificates.first, TestCertificates.firstKey)
                node.signal(SIGHUP)
                try await said(node, "The certificate is renewed", times: 2)
                _ = try await curl(port, "/livez", trusted: first.path)
                #expect(try !node.complained.contains("PRIVATE"))
            }
        }

        private func said(_ node: ChildProcess, _ text: String, times: Int = 1) async throws {
            while try node.complained.components(separatedBy: text).count <= times {
                try await Task.sleep(for: ChildProcess.pollPause)
            }
        }

        @Test("carries large bodies both ways, and many requests at once", arguments: ["--http2", "--http1.1"])
        func bodies(version: String) async throws {
            try await withNode { _, port, files in
                let (trusted, folder) = (files.certificate, files.folder)
                let description = try await curl(port, "/openapi.yaml", trusted: trusted, [version])
                #expect(description.utf8.count > 50_000)
                // Larger than a route takes: refused with a problem, though the body is still on its way.
                let large = folder.appending(path: "large.json")
                try Data("[\"\(String(repeating: "x", count: 3 << 20))\"]".utf8).write(to: large)
                let refused = try await curl(
                    port, "/api/v1/auth/login", trusted: trusted,
                    [version, "-H", "Content-Type: application/json", "--data-binary", "@\(large.path)"] + Self.version)
                #expect(refused.hasSuffix("413"), "\(refused)")
                // Within a route's limit the body arrives whole, and is no credential.
                let small = #"{"email":"a@example.com","password":"\#(String(repeating: "x", count: 12_000))"}"#
                let credentials = folder.appending(path: "small.json")
                try Data(small.utf8).write(to: credentials)
                let answer = try await curl(
                    port, "/api/v1/auth/login", trusted: trusted,
                    [version, "-H", "Content-Type: application/json", "--data-binary", "@\(credentials.path)"]
                        + Self.version)
                #expect(answer.hasSuffix("401") || answer.hasSuffix("422"), "\(answer)")
                let many = try await curl(
                    port, "/api/v1/products?page=[1-200]", trusted: trusted,
                    [version, "--parallel", "--parallel-max", "50", "-o", "/dev/null", "-w", "%{http_code}\n"])
                #expect(many.split(separator: "\n").count == 200)
            }
        }

        @Test("answers OPTIONS * for the whole server", arguments: ["--http2", "--http1.1"])
        func wholeServer(version: String) async throws {
            try await withNode { _, port, files in
                let asked = ["-X", "OPTIONS", "--request-target", "*", "-D", "-", version]
                let answer = try await curl(port, "/", trusted: files.certificate, asked + Self.version)
                #expect(answer.hasSuffix(version == "--http2" ? "2 204" : "1.1 204"), "\(answer)")
                let allowed = answer.lowercased().split(separator: "\r\n").first { $0.hasPrefix("allow: ") }
                let methods = Set(allowed?.dropFirst("allow: ".count).components(separatedBy: ", ") ?? [])
                #expect(methods == ["get", "head", "post", "put", "patch", "delete", "options"], "\(answer)")
            }
        }

        @Test("tells events as they come", arguments: ["--http2", "--http1.1"])
        func stream(version: String) async throws {
            try await withNode { _, port, files in
                let trusted = files.certificate
                let json = ["-H", "Content-Type: application/json", version]
                let login = #"{"email":"\#(LocalShop.email)","password":"\#(LocalShop.password)"}"#
                let session = try JSON(
                    try await curl(port, "/api/v1/auth/login", trusted: trusted, json + ["-d", login]))
                let token = "Authorization: Bearer \(try #require(session["access_token"].string))"
                let stream = try ChildProcess(
                    "/usr/bin/curl",
                    [
                        "-sSN", version, "--cacert", trusted, "--resolve", "localhost:\(port):127.0.0.1", "-H", token,
                        "https://localhost:\(port)/api/v1/events",
                    ], in: files.folder)
                defer { stream.kill() }
                _ = try await stream.line(after: "retry: ")
                for number in 1...3 {
                    let product =
                        #"{"title":"Tea \#(number)","variants":[{"sku":"T\#(number)","#
                        + #""price":{"amount":450,"currency":"EUR"}}]}"#
                    let created = try await curl(
                        port, "/api/v1/products", trusted: trusted,
                        json + ["-H", token, "-H", "Idempotency-Key: k\(number)", "-d", product] + Self.version)
                    #expect(created.hasSuffix("201"), "\(created)")
                    while try !stream.said.contains("Tea \(number)") {
                        try await Task.sleep(for: ChildProcess.pollPause)
                    }
                }
            }
        }

        @Test("tells HSTS under TLS, and behind a proxy in the clear only where a trusted one says https")
        func strictTransport() async throws {
            try await withNode(["--hsts", "365d"]) { _, port, files in
                let head = try await curl(port, "/livez", trusted: files.certificate, ["-D", "-"])
                #expect(head.lowercased().contains("strict-transport-security: max-age=31536000"))
            }
            try await LocalShop.with(serving: ["--hsts", "365d", "--trusted-proxies", "127.0.0.0/8"]) { shop in
                func head(_ field: String) async throws -> String {
                    try await ChildProcess.run(
                        "/usr/bin/curl", ["-sS", "-D", "-", "-H", field, "\(shop.url)/livez"], in: shop.folder)
                        .lowercased()
                }
                let secure = try await head("X-Forwarded-Proto: https")
                let clear = try await head("X-Forwarded-Proto: http")
                #expect(secure.contains("strict-transport-security"))
                #expect(!clear.contains("strict-transport-security"))
            }
            try await LocalShop.with(serving: ["--hsts", "365d"]) { shop in
                let head = try await ChildProcess.run(
                    "/usr/bin/curl", ["-sS", "-D", "-", "-H", "X-Forwarded-Proto: https", "\(shop.url)/livez"],
                    in: shop.folder)
                #expect(!head.lowercased().contains("strict-transport-security"))
            }
        }

        @Test("does not start with half of the files, or with a key that others may read")
        func refusals() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let files = Files(folder: folder)
            try files.write(TestCertificates.first, TestCertificates.firstKey)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: files.key)
            let serve = [
                "serve", "--data-dir", folder.appending(path: "node").path, "--http", "127.0.0.1:0", "--payment",
                "in-process",
            ]
            for flags in [
                ["--tls-certificate", files.certificate], ["--tls-key", files.key],
                ["--tls-certificate", files.certificate, "--tls-key", files.key],
            ] {
                let node = try ChildProcess("cloudretail", serve + flags, in: folder)
                #expect(try await node.exit() != 0)
                #expect(try node.complained.contains("tls-key") || node.complained.contains(files.key))
            }
        }
    }
}
