import Foundation
import Hummingbird
import Logging

@testable import Workload

/// A gateway in memory that keeps the promises our clients rely on, and breaks them when told to.
actor StubGateway {
    struct Answer {
        var status: Int
        var body: [String: Any]
        var headers: [String: String] = [:]
    }

    /// What goes wrong with the next requests to a path.
    enum Fault: Sendable {
        /// The request takes effect and its answer never comes.
        case loseAnswer
        /// Refused with this status before anything happens.
        case refuse(status: Int, retryAfter: Int?)
    }

    struct Order {
        var status: String
        let total: Int64
        let key: String
    }

    var token = "token-1"
    var refreshToken = "refresh-1"
    var faults: [String: [Fault]] = [:]
    var received: [String: Int64] = [:]
    var onHand: [String: Int64] = [:]
    /// SKUs whose stock has moved.
    var moved: Set<String> = []
    var orders: [String: Order] = [:]
    var products: [[String: Any]] = []
    var productCount: Int { products.count }
    var keys: [String: Answer] = [:]
    /// An answer that was too large to be kept is repeated without them.
    var namesHolders = true
    var requests: [String] = []
    var customers: Set<String> = []
    /// Orders are answered 202 and paid when they are looked at.
    var answersOpen = false
    /// Orders stay PAID.
    var neverFulfils = false

    func set(_ change: @Sendable (isolated StubGateway) -> Void) { change(self) }

    // MARK: - Requests

    func handle(method: String, path: String, authorization: String?, key: String?, body: Data) async throws -> Answer {
        requests.append("\(method) \(path)")
        if path == "/auth/refresh" { return refresh(body) }
        guard authorization == "Bearer \(token)" else { return problem(401, "unauthorized") }

        let resource = faults.keys.first { path.hasPrefix($0) }
        let fault = resource.flatMap { faults[$0]?.isEmpty == false ? faults[$0]?.removeFirst() : nil }
        if case .refuse(let status, let retryAfter) = fault {
            return problem(status, "busy", headers: retryAfter.map { ["Retry-After": "\($0)"] } ?? [:])
        }
        let answer = once(key) { perform(method, path, body, key: key ?? "") }
        if case .loseAnswer = fault { try await Task.sleep(for: .seconds(60)) }
        return answer
    }

    private func once(_ key: String?, _ effect: () -> Answer) -> Answer {
        guard let key else { return effect() }
        if var earlier = keys[key] {
            earlier.headers["Idempotent-Replayed"] = "true"
            return earlier
        }
        let answer = effect()
        keys[key] = answer
        return answer
    }

    private func refresh(_ body: Data) -> Answer {
        guard json(body)["refresh_token"] as? String == refreshToken else { return problem(401, "unauthorized") }
        token += "x"
        refreshToken += "x"
        return Answer(
            status: 200, body: ["access_token": token, "refresh_token": refreshToken, "token_type": "Bearer"])
    }

    private func perform(_ method: String, _ path: String, _ body: Data, key: String) -> Answer {
        let segments = path.split(separator: "?")[0].split(separator: "/").map {
            String($0).removingPercentEncoding ?? ""
        }
        let query = path.split(separator: "?").dropFirst().first.map(String.init) ?? ""
        switch (method, segments.first, segments.dropFirst().first) {
        case ("POST", "products", "batch"):
            let products = json(body)["products"] as? [[String: Any]] ?? []
            return Answer(status: 200, body: ["results": products.map(create)])
        case ("GET", "products", nil):
            let sku = query.split(separator: "&").first { $0.hasPrefix("sku=") }?.dropFirst(4)
            let wanted = sku.flatMap { String($0).removingPercentEncoding }
            let found = wanted.map { sku in products.filter { skus(of: $0).contains(sku) } } ?? products
            return Answer(status: 200, body: ["data": found.map(whole)])
        case ("GET", "products", let id?):
            guard let product = products.first(where: { $0["id"] as? String == id }) else {
                return problem(404, "not_found")
            }
            return Answer(status: 200, body: whole(product), headers: ["ETag": "\"1\""])
        case ("PUT", "products", let id?):
            guard let place = products.firstIndex(where: { $0["id"] as? String == id }) else {
                return problem(404, "not_found")
            }
            products[place] = json(body).merging(["id": id]) { $1 }
            for sku in skus(of: products[place]) where onHand[sku] == nil { onHand[sku] = 0 }
            return Answer(status: 200, body: whole(products[place]))
        case ("POST", "inventory", "batch"):
            let receipts = json(body)["receipts"] as? [[String: Any]] ?? []
            return Answer(status: 200, body: ["results": receipts.map(receive)])
        case ("GET", "inventory", let sku?):
            guard let units = onHand[sku] else { return problem(404, "not_found") }
            let version = moved.contains(sku) ? 1 : 0
            return Answer(
                status: 200,
                body: ["sku": sku, "on_hand": units, "reserved": 0, "available": units, "version": version])
        case ("PUT", "inventory", let sku?):
            guard let units = onHand[sku] else { return problem(404, "not_found") }
            guard json(body)["expected"] as? Int == Int(units) else { return problem(409, "stock_changed") }
            onHand[sku] = (json(body)["on_hand"] as? Int).map(Int64.init)
            return Answer(status: 200, body: [:])
        case ("POST", "orders", nil): return place(json(body), key: key)
        case ("GET", "orders", let id?): return look(id)
        default: return problem(404, "not_found")
        }
    }

    func text(_ field: String, ofProduct title: String) -> String? {
        products.first { $0["title"] as? String == title }?[field] as? String
    }

    func attributes(ofProduct title: String) -> [String: String]? {
        products.first { $0["title"] as? String == title }?["attributes"] as? [String: String]
    }

    private func skus(of product: [String: Any]) -> [String] {
        (product["variants"] as? [[String: Any]] ?? []).compactMap { $0["sku"] as? String }
    }

    /// A product with every field that the gateway gives.
    private func whole(_ product: [String: Any]) -> [String: Any] {
        var whole: [String: Any] = [
            "description": "", "brand": "", "category": "", "attributes": [String: String](),
            "image_urls": [String](), "active": true,
        ]
        whole.merge(product) { $1 }
        whole["variants"] = (product["variants"] as? [[String: Any]] ?? []).map { variant in
            (["attributes": [String: String]()] as [String: Any]).merging(variant) { $1 }
        }
        return whole
    }

    private func create(_ product: [String: Any]) -> [String: Any] {
        let skus = skus(of: product)
        if (product["title"] as? String ?? "").isEmpty {
            return ["status": 422, "problem": ["code": "invalid", "detail": "a product has a title"]]
        }
        let taken = skus.compactMap { sku in
            products.first { self.skus(of: $0).contains(sku) }.map { (sku: sku, product: $0["id"] as? String ?? "") }
        }
        if !taken.isEmpty {
            var problem: [String: Any] = ["code": "sku_taken", "detail": "taken"]
            if namesHolders {
                problem["skus"] = taken.map(\.sku)
                problem["products"] = taken.map(\.product)
            }
            return ["status": 409, "problem": problem]
        }
        for sku in skus { onHand[sku] = 0 }
        let id = "prd_\(products.count)"
        products.append(product.merging(["id": id]) { $1 })
        return ["status": 201, "id": id]
    }

    private func receive(_ receipt: [String: Any]) -> [String: Any] {
        guard let sku = receipt["sku"] as? String, let quantity = receipt["quantity"] as? Int, onHand[sku] != nil
        else { return ["status": 404, "problem": ["code": "not_found"]] }
        if receipt["initial"] as? Bool == true, moved.contains(sku) {
            return ["status": 409, "problem": ["code": "stock_changed", "on_hand": onHand[sku] ?? 0]]
        }
        moved.insert(sku)
        onHand[sku, default: 0] += Int64(quantity)
        received[sku, default: 0] += Int64(quantity)
        return ["status": 200]
    }

    private func place(_ order: [String: Any], key: String) -> Answer {
        guard !key.isEmpty else { return problem(400, "idempotency_key_required") }
        let items = order["items"] as? [[String: Any]] ?? []
        var needed: [String: Int64] = [:]
        var total: Int64 = 0
        for item in items {
            guard let sku = item["sku"] as? String, let quantity = item["quantity"] as? Int else {
                return problem(422, "invalid")
            }
            needed[sku, default: 0] += Int64(quantity)
            total += Int64(quantity * (item["unit_price"] as? Int ?? 999))
        }
        guard needed.allSatisfy({ onHand[$0.key, default: 0] >= $0.value }) else {
            return problem(409, "insufficient_stock")
        }
        for (sku, quantity) in needed { onHand[sku, default: 0] -= quantity }
        if let customer = order["customer_reference"] as? String { customers.insert(customer) }
        let id = "ord_\(orders.count)"
        orders[id] = Order(status: answersOpen ? "PLACED" : "PAID", total: total, key: key)
        return Answer(status: answersOpen ? 202 : 201, body: document(id))
    }

    private func look(_ id: String) -> Answer {
        guard let order = orders[id] else { return problem(404, "not_found") }
        orders[id]?.status = order.status == "PLACED" || neverFulfils ? "PAID" : "FULFILLED"
        return Answer(status: 200, body: document(id))
    }

    private func document(_ id: String) -> [String: Any] {
        let order = orders[id]
        return ["id": id, "status": order?.status ?? "", "total": ["amount": order?.total ?? 0, "currency": "GBP"]]
    }

    private func problem(_ status: Int, _ code: String, headers: [String: String] = [:]) -> Answer {
        Answer(status: status, body: ["code": code, "title": code], headers: headers)
    }

    private func json(_ data: Data) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
    }
}

// MARK: - Server

extension StubGateway {
    /// Serves on a loopback port for the length of `body`.
    func serve<Result: Sendable>(
        port: Int = 0, _ body: @escaping @Sendable (GatewayAddress) async throws -> Result
    ) async throws -> Result {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        for method in [HTTPRequest.Method.get, .post, .put] {
            router.on("/api/v1/**", method: method) { request, context in try await self.respond(to: request) }
        }
        var logger = Logger(label: "stub")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) }, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let port = await ports.first { _ in true } ?? 0
            let address = GatewayAddress("http://127.0.0.1:\(port)")!
            defer { group.cancelAll() }
            return try await body(address)
        }
    }

    private nonisolated func respond(to request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 1 << 24)
        let query = request.uri.query.map { "?\($0)" } ?? ""
        let (status, headers, bytes) = try await answer(
            method: request.method.rawValue, path: String(request.uri.path.dropFirst("/api/v1".count)) + query,
            authorization: request.headers[.authorization],
            key: request.headers[.init("Idempotency-Key")!], body: Data(body.readableBytesView))
        var response = Response(
            status: .init(code: status), headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        for (name, value) in headers { response.headers[.init(name)!] = value }
        return response
    }

    private func answer(
        method: String, path: String, authorization: String?, key: String?, body: Data
    ) async throws -> (Int, [String: String], Data) {
        let answer = try await handle(method: method, path: path, authorization: authorization, key: key, body: body)
        return (answer.status, answer.headers, try JSONSerialization.data(withJSONObject: answer.body))
    }
}

/// A token file in a folder of its own.
func tokenFile(_ text: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("token")
    try Data(text.utf8).write(to: file)
    return file.path
}

extension GatewayAddress {
    /// A client of this gateway that does not wait long.
    func withClient<Result: Sendable>(
        token: String = "token-1\n", patience limit: Duration = .seconds(20), attempt: Duration = .seconds(10),
        _ body: (GatewayClient) async throws -> Result
    ) async throws -> Result {
        var patience = GatewayClient.Patience(limit: limit)
        patience.attempt = attempt
        let tokens = try TokenFile(path: tokenFile(token))
        return try await GatewayClient.with(
            addresses: [self], tokens: tokens, patience: patience, connections: 8, body)
    }
}
