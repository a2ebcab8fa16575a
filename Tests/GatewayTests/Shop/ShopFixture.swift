import Accounts
import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Logging
import NIOCore
import Schema
import Storage
import Synchronization
import Testing

@testable import Gateway

/// A whole shop on a data directory of its own, behind a gateway on loopback.
struct ShopFixture: Sendable {
    let shop: Shop
    let accounts: AccountBook
    let issuer: TokenIssuer
    let identity: Identity
    let keys: TokenKeyRing
    let client: any TestClientProtocol
    /// Such as `GET /api/v1/cart`.
    let routes: [String]

    static func now() -> Timestamp { GatewayClock.system.wall() }

    /// Runs `body` against a shop that ends with it.
    static func run(
        shards count: Int = 2, heartbeat: Duration = .seconds(15), retention: Retention = .everything,
        limits: ShardLimits = ShardLimits(), searching: Bool = true,
        subscribersMax: Int = EventRoutes.subscribersDefault,
        connections: ConnectionLimits = .patient, isAlone: Bool = true,
        through cut: Cut? = nil, operations: (any ClusterOperations)? = nil,
        faultSwitches: (any PaymentFaultSwitches)? = nil,
        snapshot: @escaping @Sendable () throws -> SnapshotPieces = { { nil } },
        log: @escaping LogRoutes.Begin = { _ in nil },
        webhooks: any WebhookSender = SilentWebhookSender(),
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (ShopFixture) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("shop-\(UUID().uuidString)").path
        let directory = try DataDirectory(
            path: path, shards: count, creating: true, options: .init(retention: retention))
        defer {
            directory.close()
            try? FileManager.default.removeItem(atPath: path)
        }
        let shards = ShardMap(
            zip(directory.journals, directory.states).map { journal, states in
                Shard(
                    id: journal.shard, of: directory.journals.count,
                    journal: cut.map { CutJournal(journal, $0) } ?? journal, states: states,
                    kinds: OwnedKind.all, limits: limits
                ) {
                    fatalError("\($0)")
                }
            })
        for shard in shards.shards { try await shard.recover() }
        let random: @Sendable () -> UInt64 = { .random(in: .min ... .max) }
        let views = try await ShopViews(
            shards: shards, index: .memory, floors: RetentionFloors(), clock: now,
            logger: Logger(label: "search"))
        let checkout = Checkout(
            shards: shards, prices: views.prices, payments: InProcessPaymentProvider(methods: .withTestMethods),
            clock: now, random: random)
        let shop = Shop(
            shards: shards, checkout: checkout, prices: views.prices, priceFollower: views.priceFollower, clock: now,
            random: random)
        var passwords = PasswordHasher.Configuration()
        passwords.cost = ScryptCost(logN: 10, r: 8, p: 1)
        let keys = TokenKeyRing(keys: [try TokenKey(generating: .es256)])
        let identity = Identity(
            of: shards, secrets: keys.keys.map(RefreshSecret.init), isAlone: isAlone, passwords: passwords,
            failurePause: .zero, clock: now)
        let publisher = KeyPublisher(
            directory: path + "/keys", node: 1, shards: shards, identity: identity, clock: now,
            logger: Logger(label: "keys"))
        var configuration = GatewayConfiguration()
        configuration.rateLimits.isEnabled = false
        configuration.connections = connections
        configure(&configuration)
        let pipeline = RequestPipeline(configuration, verifier: identity.verifier, metrics: Metrics(), logSink: nil)
        let routes = GatewayRoutes(pipeline)
        routes.addStandardRoutes(jwks: identity.jwks, checks: [])
        let board = ClusterBoard(
            own: { NodeFacts(node: 1, http: $0, isReady: true, version: "1", replicas: []) }, members: { [1] })
        routes.addCluster(board)
        routes.addClusterOperations(operations)
        routes.addPaymentFaults(faultSwitches)
        routes.addSnapshot(snapshot)
        routes.addLog(of: shop, log)
        routes.addDescription([UInt8]("openapi: 3.1.0\n".utf8))
        routes.add(
            shop, views: views, identity: identity, webhooks: WebhookAccess(sender: webhooks, opensPrivate: false),
            heartbeat: heartbeat, subscribersMax: subscribersMax)
        let registered = routes.all.map { "\($0.method.rawValue) \($0.pattern)" }
        let channel = RequestChannel(routes, nil)
        let application = Application(
            responder: channel.responder, server: HTTPServerBuilder { _ in channel },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)))

        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards.shards { group.addTask { await shard.run() } }
            group.addTask { try await views.priceFollower.run() }
            group.addTask { try await identity.credentials.follow() }
            group.addTask { await identity.freshness?.watch() }
            group.addTask { try await views.statistics.run() }
            try await publisher.publish(keys)
            if searching { group.addTask { try await views.search.run() } }
            _ = try await application.test(.live) { client in
                try await body(
                    ShopFixture(
                        shop: shop, accounts: AccountBook(shop), issuer: identity.issuer, identity: identity,
                        keys: keys, client: client, routes: registered))
            }
            group.cancelAll()
        }
        try await identity.hasher.shutdown()
    }

    // MARK: - Who asks

    func token(_ role: Principal.Role, subject: CustomerID? = nil) async throws -> String {
        let id = subject ?? CustomerID(at: Self.now(), slot: Slot(7), random: .random(in: .min ... .max))
        let session = "ses_\(UInt64.random(in: 0 ... .max))"
        return try await issuer.issue(subject: id.description, role: role, sessionID: session, now: Self.now()).token
    }

    // MARK: - Asking

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, token: String? = nil,
        headers extra: HTTPFields = [:]
    ) async throws -> Reply {
        var headers = extra
        if let token { headers[.authorization] = "Bearer \(token)" }
        if body != nil { headers[.contentType] = "application/json" }
        let response = try await client.execute(
            uri: "/api/v1" + path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        let described = Description.file?.statuses(method, "/api/v1" + path)
        #expect(
            described?.contains("\(response.status.code)") ?? true,
            "\(method) \(path): \(response.status.code) is not described")
        for field in response.headers {
            let isDescribed = Description.file?.describes(field: field.name.rawName) ?? true
            #expect(isDescribed, "\(method) \(path): \(field.name) is not described")
        }
        return Reply(response)
    }
}

/// An answer, with its JSON taken apart.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    init(_ response: TestResponse) {
        status = response.status.code
        headers = response.headers
        text = String(buffer: response.body)
    }

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:] }
    var code: String? { json["code"] as? String }
    var data: [[String: Any]] { json["data"] as? [[String: Any]] ?? [] }
    func string(_ name: String) -> String { json[name] as? String ?? "" }
}

extension ConnectionLimits {
    /// For a client that connects first, and asks once other things are done.
    static let patient: ConnectionLimits = {
        var limits = ConnectionLimits()
        limits.headerTimeMax = .seconds(120)
        return limits
    }()
}
