import Foundation
import NIOHTTP1
import Testing

/// A shop of real processes, as its clients see it.
protocol RunningShop: Actor {
    /// Where one of its nodes listens.
    var url: String { get async }
    /// The payment simulator.
    var paymentURL: String { get async }
    /// The administrator's; empty before it has logged in.
    var token: String { get async }

    /// Logs in as the administrator.
    func logIn() async throws

    /// Asks another node from now on, where there is one: this one gave no answer.
    func askAnother() async
}

/// A log-in that was not answered with a token.
struct NoToken: Error { let answer: Answer }

extension RunningShop {
    /// Logs in, and keeps the answer as tools read it.
    ///
    /// - Returns: the access token.
    /// - Throws: `NoToken`, which a client that is to go on through anything tries again after.
    func logIn(email: String, password: String, tokenFile: String) async throws -> String {
        let answer = try await Answer.of(
            .POST, "\(await url)/api/v1/auth/login", body: #"{"email":"\#(email)","password":"\#(password)"}"#)
        guard answer.status == 200 else { throw NoToken(answer: answer) }
        try Data(answer.text.utf8).write(to: URL(fileURLWithPath: tokenFile))
        return try #require(try answer.json["access_token"].string)
    }

    /// Registers a customer; the access token.
    func register(_ email: String) async throws -> String {
        let body = #"{"email":"\#(email)","password":"\#(LocalShop.password)"}"#
        let registered = try await send(.POST, "/auth/register", body: body)
        try #require(registered.status == 201, "\(registered)")
        let answer = try await send(.POST, "/auth/login", body: body)
        try #require(answer.status == 200, "\(answer)")
        return try #require(try answer.json["access_token"].string)
    }

    /// Sends one request under `/api/v1`, as the administrator unless another token is given.
    ///
    /// - Parameter node: where another node than the shop's own listens.
    func send(
        _ method: HTTPMethod, _ path: String, at node: String? = nil, token: String? = nil, key: String? = nil,
        body: String? = nil
    ) async throws -> Answer {
        let (here, own) = (await url, await self.token)
        return try await Answer.of(
            method, "\(node ?? here)/api/v1\(path)", token: token ?? (own.isEmpty ? nil : own), key: key, body: body)
    }

    /// Orders one of each of `skus`; with a reference, for the customer whom another system calls so.
    func order(
        key: String, skus: [String] = LocalShop.demoSKUs, at node: String? = nil, paymentMethod: String? = nil,
        reference: String? = nil, token: String? = nil
    ) async throws -> Answer {
        let method =
            (paymentMethod.map { #","payment_method":"\#($0)""# } ?? "")
            + (reference.map { #","customer_reference":"\#($0)""# } ?? "")
        let items = skus.map { #"{"sku":"\#($0)","quantity":1}"# }.joined(separator: ",")
        return try await send(
            .POST, "/orders", at: node, token: token, key: key, body: #"{"items":[\#(items)]\#(method)}"#)
    }

    /// All orders that `query` asks for, on every page: a page may be short, and only the last one has no cursor.
    func orders(_ query: String, at node: String? = nil) async throws -> [JSON] {
        var orders: [JSON] = []
        var cursor = ""
        repeat {
            let page = try await page("/orders?limit=100\(query.isEmpty ? "" : "&\(query)")\(cursor)", at: node)
            orders += page["data"].elements
            cursor = page["next_cursor"].string.map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        return orders
    }

    /// One page of a list. A node that has just lost its leader says that it has to be asked again, and a token ends.
    func page(_ path: String, at node: String? = nil) async throws -> JSON {
        var answer = try await send(.GET, path, at: node)
        while answer.status == 401 || answer.status == 503 && answer.headers.contains(name: "Retry-After") {
            if answer.status == 401 { try await logIn() }
            try await Task.sleep(for: .milliseconds(200))
            answer = try await send(.GET, path, at: node)
        }
        try #require(answer.status == 200, "\(answer)")
        return try answer.json
    }

    /// Asks for a document until `condition` holds.
    func wait(_ path: String, at node: String? = nil, until condition: (JSON) -> Bool) async throws -> JSON {
        while true {
            let document = try await send(.GET, path, at: node).json
            if condition(document) { return document }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Returns once nothing is on its way any more: every order has come to its end or waits for people, and the stock,
    /// on whichever shard, has followed the orders. An answer is given before that, and so is FULFILLED.
    func settle() async throws {
        for status in ["PLACED", "PAID"] {
            while try await !orders("status=\(status)").isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        }
        _ = try await wait("/inventory?limit=200") { stocks in
            stocks["data"].elements.allSatisfy { $0["reserved"] == .integer(0) }
        }
    }

    func setFaults(_ json: String) async throws {
        let answer = try await Answer.of(.PUT, "\(paymentURL)/faults", body: json)
        try #require(answer.status == 200, "\(answer)")
    }

    func ledger() async throws -> JSON { try await Answer.of(.GET, "\(paymentURL)/v1/ledger").json }
    func ledgerSummary() async throws -> JSON { try await Answer.of(.GET, "\(paymentURL)/v1/ledger/summary").json }
}
