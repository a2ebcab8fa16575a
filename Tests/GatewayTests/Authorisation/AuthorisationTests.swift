import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import Gateway

/// Who may call what, as the description declares it: every operation with every caller, and with every forged token.
/// An operation that is new is asked for as soon as it is described, and what it does not declare fails here.
@Suite("Authorisation", .timeLimit(.minutes(10))) struct AuthorisationTests {
    @Test("is declared by every operation")
    func declared() throws {
        let operations = try DescribedOperation.all()
        #expect(operations.count == (try Description().statuses).count)
        let undeclared = "paths:\n  /a:\n    get:\n      operationId: a\n"
        #expect(throws: DescribedOperation.Undeclared.self) { try DescribedOperation.operations(in: undeclared) }
        let unknown = undeclared + "      security: [{bearer: [king]}]\n"
        #expect(throws: DescribedOperation.Undeclared.self) { try DescribedOperation.operations(in: unknown) }
    }

    @Test("holds for every operation and every caller")
    func matrix() async throws {
        try await ShopFixture.run { fixture in
            let cast = try await Cast(fixture)
            for operation in try DescribedOperation.all() {
                for caller in Caller.allCases {
                    let status = try await cast.status(of: operation, as: caller)
                    // Where a token is optional, one that is sent must be good all the same.
                    let isBad = caller.hasEnded && operation.access == .optional
                    let refusal = isBad ? 401 : operation.access.refusal(of: caller.role)
                    let isRight = refusal.map { $0 == status } ?? ![401, 403].contains(status)
                    #expect(isRight, "\(operation.testDescription) as \(caller): \(status)")
                }
            }
        }
    }

    @Test("holds for HEAD as it does for GET")
    func head() async throws {
        try await ShopFixture.run { fixture in
            let cast = try await Cast(fixture)
            for operation in try DescribedOperation.all() where operation.method == "GET" {
                guard let refusal = operation.access.refusal(of: nil) else { continue }
                let response = try await fixture.client.execute(
                    uri: cast.path(of: operation), method: .head, headers: [:], body: nil)
                #expect(response.status.code == refusal, "HEAD \(operation.path): \(response.status)")
            }
        }
    }

    @Test("keeps what is one customer's from every other, and says no more than that it is not there")
    func others() async throws {
        try await ShopFixture.run { fixture in
            let cast = try await Cast(fixture)
            for operation in try DescribedOperation.all() where operation.access.isOwn {
                let path = cast.path(of: operation)
                if operation.path.contains("{id}") {
                    let status = try await cast.status(of: operation, as: .otherCustomer)
                    let absent = try await cast.status(of: operation, as: .otherCustomer, ofAbsent: true)
                    #expect(status == absent && status >= 400, "\(operation.path): \(status), and \(absent)")
                    if ["GET", "DELETE"].contains(operation.method) { #expect(status == 404, "\(operation.path)") }
                    // It is there, and its owner is let in.
                    if operation.method == "GET" {
                        #expect(try await cast.status(of: operation, as: .customer) == 200, "\(operation.path)")
                    }
                } else if operation.method == "GET" {
                    let token = try await cast.token(.otherCustomer)
                    let reply = try await fixture.client.execute(
                        uri: path, method: .get, headers: [.authorization: "Bearer \(token ?? "")"], body: nil)
                    let text = String(buffer: reply.body)
                    for secret in cast.ownNames { #expect(!text.contains(secret), "\(operation.path): \(text)") }
                }
            }
        }
    }

    @Test("is given by no forged token, on no operation")
    func forgeries() async throws {
        try await ShopFixture.run { fixture in
            let cast = try await Cast(fixture)
            let genuine = try await fixture.token(.admin)
            let forgeries = try TokenForge(genuine, ring: fixture.keys, now: ShopFixture.now()).all()
            #expect(forgeries.count >= 46)
            let operations = try DescribedOperation.all().filter { $0.access != .open }
            // One of its kind opens every door that the forged ones are tried on.
            for operation in operations {
                let status = try await cast.status(of: operation, as: .admin)
                #expect(![401, 403].contains(status), "\(operation.testDescription): \(status)")
            }
            for forgery in forgeries {
                for operation in operations {
                    let status = try await cast.send(operation, forgery.authorizations)
                    // More than one field is no request that could be answered.
                    let isRefused = status == 401 || (forgery.authorizations.count > 1 && status == 400)
                    #expect(isRefused, "\(operation.testDescription) with \(forgery): \(status)")
                }
            }
        }
    }
}

/// Who asks.
enum Caller: CaseIterable {
    case anonymous, guest, customer, otherCustomer, staff, admin
    /// A customer who has logged out.
    case endedSession

    var role: Principal.Role? {
        switch self {
        case .anonymous, .endedSession: nil
        case .guest: .guest
        case .customer, .otherCustomer: .customer
        case .staff: .staff
        case .admin: .admin
        }
    }

    var hasEnded: Bool { self == .endedSession }
}

/// Two customers, one of whom has an order and a session, and those who look after the shop.
private struct Cast {
    let fixture: ShopFixture
    private let own: CustomerID
    private let other: CustomerID
    private let employee: CustomerID
    private let order: String
    private let session: String
    private let ended: String

    private static let password = "a shop of one's own, at last"

    init(_ fixture: ShopFixture) async throws {
        self.fixture = fixture
        let staff = try await fixture.token(.staff)
        _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
        _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":9}"#, token: staff)
        let form = #"{"email":"own@example.org","password":"\#(Self.password)"}"#
        own = try await Self.register("own", in: fixture)
        other = try await Self.register("other", in: fixture)
        employee = try await Self.register("employee", in: fixture)
        let login = try await fixture.send(.post, "/auth/login", form)
        let token = login.string("access_token")
        let placed = try await fixture.send(
            .post, "/orders", #"{"items":[{"sku":"A","quantity":1}]}"#, token: token, headers: [.idempotencyKey: "own"])
        order = placed.string("id")
        try #require(OrderID(order) != nil, "\(placed.text)")
        let sessions = try await fixture.send(.get, "/auth/sessions", token: token)
        session = try #require(sessions.data.first?["id"] as? String, "\(sessions.text)")
        ended = try await fixture.send(.post, "/auth/login", form).string("access_token")
        let loggedOut = try await fixture.send(.post, "/auth/logout", token: ended)
        try #require(loggedOut.status == 204, "\(loggedOut.text)")
    }

    private static func register(_ name: String, in fixture: ShopFixture) async throws -> CustomerID {
        let account = try await fixture.send(
            .post, "/auth/register",
            #"{"email":"\#(name)@example.org","password":"\#(password)","first_name":"N","last_name":"M"}"#)
        return try #require(CustomerID(account.string("id")), "\(account.text)")
    }

    /// What tells that an answer is about the first customer.
    var ownNames: [String] { [own.description, order, session, "own@example.org"] }

    /// A token of their own for each request: some requests end the session that they come from.
    func token(_ caller: Caller) async throws -> String? {
        switch caller {
        case .anonymous: nil
        case .guest: try await fixture.send(.post, "/auth/guest").string("access_token")
        case .customer: try await fixture.token(.customer, subject: own)
        case .otherCustomer: try await fixture.token(.customer, subject: other)
        case .staff: try await fixture.token(.staff, subject: employee)
        case .admin: try await fixture.token(.admin, subject: employee)
        case .endedSession: ended
        }
    }

    /// - Parameter isAbsent: whether it names what is nowhere.
    func path(of operation: DescribedOperation, isAbsent: Bool = false) -> String {
        let id = isAbsent ? Self.absentID(operation.path) : id(operation.path)
        let values = ["id": id, "sku": "A", "code": "not_found"]
        guard let path = operation.path(values) else {
            Issue.record("\(operation.testDescription) has a free segment of which this test has no sample")
            return operation.path
        }
        // A place that is none is refused before anything is streamed.
        return operation.isStream ? path + "?after=none" : path
    }

    private static func absentID(_ path: String) -> String {
        path.hasPrefix("/api/v1/orders/")
            ? OrderID(at: .zero, slot: Slot(3), random: 8).description
            : SessionID(at: .zero, slot: Slot(3), random: 8).description
    }

    private func id(_ path: String) -> String {
        switch path {
        case let path where path.hasPrefix("/api/v1/orders/"): order
        case let path where path.hasPrefix("/api/v1/auth/sessions/"): session
        case let path where path.hasPrefix("/api/v1/accounts/"): own.description
        case let path where path.contains("/reservations/"):
            HoldID(at: .zero, slot: Slot(1), random: 8).description
        default: ProductID(at: .zero, random: 8).description
        }
    }

    func status(
        of operation: DescribedOperation, as caller: Caller, ofAbsent isAbsent: Bool = false
    ) async throws -> Int {
        try await send(operation, try await token(caller).map { ["Bearer " + $0] } ?? [], isAbsent: isAbsent)
    }

    /// Sends a body that no operation takes: who is let in is told so.
    func send(
        _ operation: DescribedOperation, _ authorizations: [String], isAbsent: Bool = false
    ) async throws -> Int {
        var headers = HTTPFields()
        for authorization in authorizations { headers.append(HTTPField(name: .authorization, value: authorization)) }
        let hasBody = operation.method != "GET" && operation.method != "DELETE"
        if hasBody { headers[.contentType] = "application/json" }
        let response = try await fixture.client.execute(
            uri: path(of: operation, isAbsent: isAbsent), method: HTTPRequest.Method(operation.method)!,
            headers: headers,
            body: hasBody ? ByteBuffer(string: #"{"no_such_field":1}"#) : nil)
        return response.status.code
    }
}
