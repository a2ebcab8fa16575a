import CertificateTesting
import CloudTesting
import Crypto
import Foundation
import NIOCore
import Testing

extension SystemTests {
    /// Keys, secrets and certificates are replaced while clients order, and no client is refused for it.
    @Suite("A rotation", .timeLimit(patience)) struct RotationTests {
        private static let clients = 4
        /// After each step, so that what is new is used.
        private static let ordersAfterwards = 20
        /// A client waits as long as it takes: a busy machine is no refusal.
        private static let patience = TimeAmount.seconds(60)
        private static let secret = "shop/payments"

        @Test("of payment key, certificates between nodes and token keys refuses no order")
        func cluster() async throws {
            let folder = try TestFolder()
            let cloud = try await CloudServer(in: folder.url)
            try await cloud.put(secret: Self.secret, ["key": "the-first"])
            let settings = await cloud.environment.merging([
                "CLOUDRETAIL_PAYMENT_KEY_FILE": "secretsmanager:\(Self.secret)#key",
                "CLOUDRETAIL_SECRETS_REFRESH": "1s",
            ]) { $1 }
            try await LocalCluster.with(settings: settings) { cluster in
                let providerKeys = cluster.base + "/payment-key"
                try Self.replace(providerKeys, with: "the-first\n")
                let clients = OrderingClients(cluster, attemptLimit: Self.patience)
                try await clients.order(at: cluster.nodes.map(\.url), Self.clients) {
                    try await clients.acknowledge(Self.ordersAfterwards)
                    // The provider takes both keys until all nodes have the second.
                    try Self.replace(providerKeys, with: "the-first\nthe-second\n")
                    try await Self.eachNode(of: cluster, says: "The payment key is renewed") {
                        try await cloud.put(secret: Self.secret, ["key": "the-second"])
                    }
                    try Self.replace(providerKeys, with: "the-second\n")
                    try await clients.acknowledge(Self.ordersAfterwards)

                    try await Self.eachNode(of: cluster, says: "The certificate between nodes is renewed") {
                        try await cluster.renewCertificates()
                    }
                    try await clients.acknowledge(Self.ordersAfterwards)

                    try await Self.eachNode(of: cluster, says: "Tokens are signed with a key of this node") {
                        for node in cluster.nodes {
                            let moment = Int(Date.now.timeIntervalSince1970 * 1_000)
                            try Self.replace(
                                "\(node.dataDirectory)/keys/token-\(moment).pem",
                                with: P256.Signing.PrivateKey().pemRepresentation + "\n")
                        }
                    }
                    try await clients.acknowledge(Self.ordersAfterwards)
                    try await cluster.logIn()
                    try await clients.acknowledge(Self.ordersAfterwards)
                }
                #expect(await clients.firstFailure == nil)
                print("rotation: \(await clients.acknowledged.count) orders")
                for node in cluster.nodes {
                    let log = try String(contentsOfFile: node.log, encoding: .utf8)
                    #expect(!log.contains("the-first") && !log.contains("the-second"))
                }
            }
            try await cloud.stop()
        }

        @Test("of a certificate and its key in Secrets Manager refuses no connection, through an outage of the service")
        func certificate() async throws {
            let folder = try TestFolder()
            let cloud = try await CloudServer(in: folder.url)
            func put(_ certificate: String, _ key: String) async throws {
                try await cloud.put(secret: "shop/tls", ["certificate": certificate, "key": key])
            }
            try await put(TestCertificates.first, TestCertificates.firstKey)
            let node = try ChildProcess(
                "cloudretail",
                [
                    "serve", "--data-dir", folder.file("node"), "--http", "127.0.0.1:0", "--payment", "in-process",
                    "--tls-certificate", "secretsmanager:shop/tls#certificate", "--tls-key",
                    "secretsmanager:shop/tls#key", "--secrets-refresh", "1s",
                ], in: folder.url, environment: await cloud.environment)
            let port = try await node.line(after: "listening on https://127.0.0.1:")
            func livez(trusting certificates: String) async throws {
                let trusted = folder.file("trusted.pem")
                try Data(certificates.utf8).write(to: URL(fileURLWithPath: trusted))
                try await ChildProcess.run(
                    "/usr/bin/curl",
                    [
                        "-fsS", "--cacert", trusted, "--resolve", "localhost:\(port):127.0.0.1",
                        "https://localhost:\(port)/livez",
                    ], in: folder.url)
            }
            func served(until text: String) async throws {
                while try !node.complained.contains(text) {
                    try await livez(trusting: TestCertificates.first + "\n" + TestCertificates.second)
                }
            }
            try await livez(trusting: TestCertificates.first)
            try await cloud.set([.unavailable: 1])
            try await served(until: "Secrets cannot be fetched")
            try await cloud.set([:])
            try await put(TestCertificates.second, TestCertificates.secondKey)
            try await served(until: "The certificate is renewed")
            try await livez(trusting: TestCertificates.second)
            try await put(TestCertificates.first, "nonsense")
            try await served(until: "The new certificate cannot be used")
            try await livez(trusting: TestCertificates.second)
            #expect(try !node.complained.contains("PRIVATE"))
            node.terminate()
            #expect(try await node.exit() == 0)
            try await cloud.stop()
        }

        @Test("begins with a node that says in a line what it lacks of its secrets")
        func missing() async throws {
            let folder = try TestFolder()
            let cloud = try await CloudServer(in: folder.url)
            try await cloud.put(secret: "shop/tls", ["certificate": TestCertificates.first])
            for (name, reason) in [
                ("shop/tls#key", "tls-key: secretsmanager:shop/tls#key: it is no text of an object of JSON"),
                ("none", "tls-key: secretsmanager:none: the service answered 40"),
                ("a b", "tls-key (CLOUDRETAIL_TLS_KEY)"),
            ] {
                let node = try ChildProcess(
                    "cloudretail",
                    [
                        "serve", "--data-dir", folder.file("node"), "--http", "127.0.0.1:0", "--payment", "in-process",
                        "--tls-certificate", "secretsmanager:shop/tls#certificate", "--tls-key",
                        "secretsmanager:\(name)",
                    ], in: folder.url, environment: await cloud.environment)
                #expect(try await node.exit() != 0)
                let complaint = try node.complained
                #expect(complaint.contains(reason), "\(complaint)")
            }
            try await cloud.stop()
        }

        /// Returns once each node has said `text` once more than before `change`.
        private static func eachNode(
            of cluster: LocalCluster, says text: String, after change: () async throws -> Void
        ) async throws {
            func times(_ node: LocalCluster.Node) throws -> Int {
                try String(contentsOfFile: node.log, encoding: .utf8).components(separatedBy: text).count
            }
            let before = try cluster.nodes.map(times)
            try await change()
            while try zip(cluster.nodes, before).contains(where: { try times($0) == $1 }) {
                try await Task.sleep(for: .milliseconds(100))
            }
        }

        /// Puts a file that its owner alone may read in the place of what is there, at once.
        private static func replace(_ path: String, with text: String) throws {
            let draft = path + ".draft"
            try #require(
                FileManager.default.createFile(
                    atPath: draft, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
            try #require(rename(draft, path) == 0)
        }
    }
}
