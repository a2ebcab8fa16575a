import Accounts
import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Steps

/// `/api/v1/auth` and `/api/v1/accounts`: who a caller is, and what they may do.
struct AccountRoutes: Sendable {
    let accounts: AccountBook
    let identity: Identity
    let check: PasswordCheck

    func add(to routes: GatewayRoutes) {
        routes.post("/api/v1/auth/register", .credentials) { request, context in try await register(request, context) }
        routes.post("/api/v1/auth/guest", .guests) { _, _ in try await beGuest() }
        routes.post("/api/v1/auth/login", .credentials) { request, context in try await logIn(request, context) }
        routes.post("/api/v1/auth/refresh", .credentials) { request, context in try await refresh(request, context) }
        routes.post("/api/v1/auth/logout", .customer) { request, context in try await logOut(request, context) }
        routes.get("/api/v1/auth/me", .customer) { request, context in try await me(request, context) }
        routes.post("/api/v1/auth/password", .customer) { request, context in try await changePassword(request, context)
        }
        routes.post("/api/v1/auth/erasure", .customer) { request, context in try await erase(request, context) }
        routes.get("/api/v1/auth/sessions", .customer) { request, context in try await sessions(request, context) }
        routes.delete("/api/v1/auth/sessions/{id}", .customer) { request, context in
            try await endSession(request, context)
        }
        routes.get("/api/v1/accounts", .staff) { request, context in try await look(request, context) }
        routes.get("/api/v1/accounts/{id}", .customer) { request, context in try await account(request, context) }
        routes.post("/api/v1/accounts/{id}/role", .admin.versioned) { request, context in
            try await grantRole(request, context)
        }
        routes.delete("/api/v1/accounts/{id}/log-in-failures", .admin) { request, context in
            try await clearFailures(request, context)
        }
    }

    // MARK: - Coming in

    private func register(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let form = try await request.decode(context) { Registration.decode(&$0, identity.policy) }
        let caller = Caller(request, context)
        // The password is not part of what is compared: a plain digest of it would be easy to guess at.
        let key = try RequestKey(
            request, scope: "POST /auth/register", caller: "", body: form.comparedBytes)
        // No half second of hashing for an address that is taken anyway.
        let isTaken = try await accounts.isTaken(form.email)
        if key == nil, isTaken { throw Problem(.emailTaken) }
        let hash = try await identity.hasher.hash(form.password, for: caller.address)
        let id = accounts.newID(for: form.email)
        let answer = try await accounts.register(
            Account.Registration(
                email: form.email, firstName: form.firstName, lastName: form.lastName,
                passwordHash: Commerce.PasswordHash(hash.description)),
            as: id, from: caller.origin(of: id), key: key.map { $0.step(on: $0.anonymousSlot) })
        if answer.isRepeated { try await requireSamePassword(form, from: caller) }
        return Response(answer)
    }

    /// A retry comes with the password of the first request; with another it is another request.
    private func requireSamePassword(_ form: Registration, from caller: Caller) async throws {
        let account = try await accounts.find(form.email)?.state
        let isSame = try await check.verify(
            form.password, of: account, name: form.email.description, from: caller)
        guard isSame else { throw Problem(.idempotencyKeyReused) }
    }

    /// Nothing is recorded: the token says that its holder is a guest of this id.
    private func beGuest() async throws -> Response {
        let id = accounts.newGuest()
        let access = try await identity.issuer.issue(
            subject: id.description, role: .guest, sessionID: id.description, now: accounts.clock())
        var json = JSONWriter()
        json.object { json in
            json.field("customer_id", id)
            json.field("access_token", access.token)
            json.field("token_type", "Bearer")
            json.field("expires_in", identity.issuer.configuration.guestLifetime.components.seconds)
        }
        return Response(headers: [.cacheControl: "no-store"], json: json)
    }

    private func logIn(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let (email, password) = try await request.decode(context) { body -> (String, String)? in
            let email = body.string("email", length: 1...2 * EmailAddress.lengthMax)
            let password = body.string("password")
            guard let email, let password else { return nil }
            return (email, password)
        }
        // An address that is none, and one without an account, take the same road as a good one.
        let address = EmailAddress(email)
        let caller = Caller(request, context)
        let account = if let address { try await accounts.find(address)?.state } else { Account?.none }
        guard try await check.verify(password, of: account, name: address?.description ?? email, from: caller),
            let account, let profile = account.profile
        else { throw Problem(.invalidCredentials) }
        let session = accounts.newSessionID(of: account.id)
        let token = RefreshToken(issuedFor: session.description)
        let step = OpenSession(
            session, of: account.id, verified: profile.passwordHash, token: token.digest,
            from: caller.origin(of: account.id), userAgent: caller.userAgent)
        return try await tokens(for: accounts.run(step, by: ActorID(account.id)), session, token)
    }

    private func refresh(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let text = try await request.decode(context) {
            $0.string("refresh_token", length: 1...Self.refreshTokenLengthMax)
        }
        guard let token = RefreshToken(text), let session = SessionID(token.sessionID) else {
            throw Problem(.invalidRefreshToken)
        }
        let replacements = identity.refreshSecrets.prefix(RotateSession.replacementsMax).map {
            RefreshToken(replacing: token, with: $0)
        }
        let step = RotateSession(
            session, presented: token.digest, replacements: replacements.map(\.digest.rotation),
            client: Caller(request, context).digest(in: session))
        let rotation: Rotation
        do {
            rotation = try await accounts.run(step, by: nil)
        } catch AccountRefusal.session, AccountRefusal.sessionEnded {
            throw Problem(.invalidRefreshToken)
        }
        switch rotation {
        case .rotated(let place, let holder): return try await tokens(for: holder, session, replacements[place])
        case .reused:
            await refuseTokens(of: session)
            throw Problem(.invalidRefreshToken, "It was used before; its session has ended.")
        }
    }

    /// Ours have less than 80; whatever is longer is not read.
    private static let refreshTokenLengthMax = 200

    private func tokens(
        for holder: TokenHolder, _ session: SessionID, _ refresh: RefreshToken
    ) async throws -> Response {
        let access = try await identity.issuer.issue(
            subject: holder.customer.description, role: Principal.Role(holder.role), sessionID: session.description,
            epoch: holder.epoch, now: accounts.clock())
        var json = JSONWriter()
        json.object { json in
            json.field("access_token", access.token)
            json.field("refresh_token", refresh.text)
            json.field("token_type", "Bearer")
            json.field("expires_in", identity.issuer.configuration.lifetime.components.seconds)
        }
        return Response(headers: [.cacheControl: "no-store"], json: json)
    }

    // MARK: - Going out

    private func logOut(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        if let session = SessionID(principal.sessionID) {
            _ = try await accounts.run(EndSession(session, of: principal.customerID, .loggedOut), by: principal.actor)
            await refuseTokens(of: session)
        }
        return Response(status: .noContent)
    }

    private func sessions(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let (limit, cursor) = try QueryReader.read(request) { query in
            (
                Int(query.integer("limit", in: 1...200) ?? 50),
                query.value("cursor", FieldForm.cursor) { SessionID($0) }
            )
        }
        let page = try await accounts.sessions(of: principal.customerID, beyond: cursor, limit: limit)
        let current = SessionID(principal.sessionID)
        var json = JSONWriter()
        json.object { json in
            json.array("data") { json in for session in page.sessions { json.value(session, current: current) } }
            json.field("next_cursor", page.next?.description)
        }
        return Response(json: json)
    }

    private func endSession(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { SessionID($0) }
        let principal = try context.requirePrincipal()
        _ = try await accounts.run(EndSession(id, of: principal.customerID, .revoked), by: principal.actor)
        await refuseTokens(of: id)
        return Response(status: .noContent)
    }

    /// Returns once access tokens of the session are no longer taken on this node.
    private func refuseTokens(of session: SessionID) async {
        await identity.credentials.catchUp(on: session.slot)
    }

    private func changePassword(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let (current, new) = try await request.decode(context) { body -> (String, String)? in
            let current = body.string("current_password")
            let new = body.string("new_password")
            guard let current, let new else { return nil }
            return (current, new)
        }
        guard let account = try await accounts.find(principal.customerID)?.state, let profile = account.profile else {
            throw Problem(.invalidToken)
        }
        if let detail = identity.policy.refusal(of: new, for: profile.email) {
            throw Problem.field("/new_password", detail)
        }
        let caller = Caller(request, context)
        guard try await check.verify(current, of: account, name: profile.email.description, from: caller) else {
            throw Problem(.forbidden, "The current password is wrong.")
        }
        let hash = Commerce.PasswordHash(try await identity.hasher.hash(new, for: caller.address).description)
        guard let session = SessionID(principal.sessionID) else { throw Problem(.invalidToken) }
        let step = ChangePassword(
            of: account.id, from: profile.passwordHash, to: hash, keeping: session, at: caller.origin(of: account.id))
        _ = try await accounts.run(step, by: ActorID(account.id))
        await refuseTokens(of: session)
        return Response(status: .noContent)
    }

    private func erase(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let password = try await request.decode(context) { $0.string("password") }
        guard let account = try await accounts.find(principal.customerID)?.state, let profile = account.profile else {
            throw Problem(.invalidToken)
        }
        let caller = Caller(request, context)
        guard try await check.verify(password, of: account, name: profile.email.description, from: caller) else {
            throw Problem(.forbidden, "The password is wrong.")
        }
        try await accounts.erase(account.id, verified: profile.passwordHash)
        await identity.credentials.catchUp(on: account.id.slot)
        return Response(status: .noContent)
    }

    // MARK: - Accounts

    private func me(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let account = try await accounts.find(context.requirePrincipal().customerID) else {
            throw Problem(.invalidToken)
        }
        return try answer(account)
    }

    private func account(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { CustomerID($0) }
        let principal = try context.requirePrincipal()
        guard try principal.role >= .staff || principal.customerID == id,
            let account = try await accounts.find(id)
        else { throw Problem(.notFound) }
        return try answer(account)
    }

    private func answer(_ account: Versioned<Account>) throws(Problem) -> Response {
        guard let registered = RegisteredAccount(account.state) else { throw Problem(.notFound) }
        let tag = EntityTag(version: account.version)
        var json = JSONWriter()
        json.value(registered)
        return Response(headers: [.eTag: tag.text], json: json)
    }

    /// The account with an address: a list of one or none.
    private func look(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let email = try QueryReader.read(request) { query -> EmailAddress? in
            query.value("email", FieldForm.email) { EmailAddress($0) }
                ?? query.require("email")
        }
        let account = try await accounts.find(email).flatMap { RegisteredAccount($0.state) }
        var json = JSONWriter()
        json.object { json in
            json.array("data") { json in if let account { json.value(account) } }
            json.field("next_cursor", String?.none)
        }
        return Response(json: json)
    }

    private func grantRole(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { CustomerID($0) }
        let role = try await request.decode(context) { $0.choice("role", of: Role.self) }
        // The last administrator would otherwise be able to lock everybody out.
        let principal = try context.requirePrincipal()
        guard try principal.customerID != id else { throw Problem(.forbidden, "An account keeps its own role.") }
        let step = GrantRole(role, to: id, if: context.preconditions)
        let granted = try await accounts.run(step, by: principal.actor).account
        await identity.credentials.catchUp(on: id.slot)
        return try answer(granted)
    }

    private func clearFailures(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { CustomerID($0) }
        _ = try await accounts.run(ClearLogInFailures(of: id), by: context.requirePrincipal().actor)
        return Response(status: .noContent)
    }
}
