import Foundation

extension GatewayClient {
    private struct Registration: Encodable {
        let email: String
        let password: String
    }

    private struct Grant: Encodable {
        let role: String
    }

    private struct Account: Decodable {
        let id: String
    }

    /// Registers an account and makes it an administrator's. May be repeated: the same account is promoted.
    ///
    /// - Returns: the account's id.
    public func createAdministrator(email: String, password: String) async throws -> String {
        let registration = try await send(
            .post("/auth/register", Registration(email: email, password: password), key: "admin-create-\(email)"))
        guard registration.status == 201 else { throw GatewayFault.unexpected(registration.summary) }
        let id = try registration.decode(Account.self).id
        let grant = try await send(.post("/accounts/\(id)/role", Grant(role: "admin"), key: UUID().uuidString))
        guard grant.status == 200 else { throw GatewayFault.unexpected(grant.summary) }
        return id
    }
}
