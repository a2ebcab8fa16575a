import Foundation
import Testing

/// A cluster that a restore has made.
enum RestoredCluster {
    /// Starts it, and stops it after `body`, whatever happens.
    ///
    /// - Parameter body: is told where a node listens.
    static func run(at base: String, in folder: URL, _ body: (String) async throws -> Void) async throws {
        let said = try await ChildProcess.run(
            "cloudretail",
            ["cluster", "up", "--base-dir", base, "--rate-limits", "off", "--detach", "--json"], in: folder)
        do {
            try await body(try #require(try JSON(said)["nodes"].elements.first?["http"].string))
        } catch {
            try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: folder)
            throw error
        }
        try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: folder)
    }

    /// The administrator's access token.
    static func logIn(at url: String) async throws -> String {
        let answer = try await Answer.of(
            .POST, "\(url)/api/v1/auth/login",
            body: #"{"email":"\#(LocalShop.email)","password":"\#(LocalShop.password)"}"#)
        #expect(answer.status == 200, "\(answer)")
        return try #require(try answer.json["access_token"].string)
    }
}
