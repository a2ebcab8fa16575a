import Accounts
import ArgumentParser
import Commerce
import Foundation
import Gateway
import Logging
import Storage
import Workload

/// `cloudretail admin`: what is done to a shop before a person can log in.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Look after the accounts of administrators.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an administrator, in the data directory of a stopped node or through a running one.",
            discussion: "Prints the account's id. With --url, the token must be an administrator's.")

        @Option(
            name: .customLong("data-dir"),
            help: "The data directory; where there is none, or an empty one, a shop is begun.")
        var dataDirectory: String?

        @Option(help: "The log-in name.")
        var email: String

        @Option(
            name: .customLong("password-file"),
            help: "A file that holds the password; the line's end is not part of it.")
        var passwordFile: String

        @Option(name: .customLong("password-length-min"), help: "Characters of the shortest password, as of the node.")
        var passwordLengthMin: String?

        @Option(help: "The gateway of a running node.")
        var url: String?

        @Option(name: .customLong("token-file"), help: "With --url: a file that holds an administrator's token.")
        var tokenFile: String?

        @OptionGroup var trust: TrustOptions

        @Option(help: "Shards of a data directory that is created.")
        var shards: Int?

        func validate() throws {
            guard (dataDirectory == nil) != (url == nil) else {
                throw ValidationError("Give either --data-dir or --url.")
            }
            guard url == nil || tokenFile != nil else { throw ValidationError("--url needs --token-file.") }
            guard EmailAddress(email) != nil else { throw ValidationError("\(email) is not an e-mail address.") }
            try NodeConfiguration.requireShards(shards ?? 1)
        }

        func run() async throws {
            let password = try readPassword()
            let id =
                if let dataDirectory {
                    try await createOffline(in: dataDirectory, password)
                } else {
                    try await createOnline(password)
                }
            print(id)
        }

        private func readPassword() throws -> String {
            let text = try TextFile.read(passwordFile)
            // A running node knows its own policy.
            guard url == nil else { return String(text.prefix { !$0.isNewline }) }
            return try AdministratorPassword(in: text, for: email, lengthMin: passwordLengthMin).text
        }

        private func createOnline(_ password: String) async throws -> String {
            guard let address = url.flatMap(GatewayAddress.init), let tokenFile else {
                throw ValidationError(
                    "--url takes an HTTP URL without user, password, query or fragment, such as http://127.0.0.1:8080.")
            }
            return try await GatewayClient.with(
                addresses: [address], tokens: TokenFile(path: tokenFile), trusting: trust.certificates(),
                patience: .init(limit: .seconds(30)), connections: 1
            ) { client in
                try await client.createAdministrator(email: email, password: password)
            }
        }

        private func createOffline(in path: String, _ password: String) async throws -> String {
            let logger = Logger(label: "cloudretail")
            let engine = try await Engine(
                path: path, shards: shards, creating: true, options: DataDirectory.Options(), logger: logger)
            let hasher = PasswordHasher()
            let hash = try await hasher.hash(password)
            try await hasher.shutdown()
            let accounts = AccountBook(shards: engine.shards, clock: Engine.now, random: Engine.random)
            let id: CustomerID
            do {
                id = try await accounts.createAdministrator(
                    email: EmailAddress(email)!, passwordHash: Commerce.PasswordHash(hash.description))
            } catch AccountRefusal.emailTaken {
                await engine.close()
                throw ValidationError("\(email) has an account already.")
            }
            await engine.close()
            return id.description
        }
    }
}
