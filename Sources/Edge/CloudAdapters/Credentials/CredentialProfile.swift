import AsyncHTTPClient
import Foundation

/// A named section of the two files that the vendor's own tools keep: `~/.aws/credentials` and `~/.aws/config`.
struct CredentialProfile: CredentialSource {
    /// A file given by mistake must not be read whole.
    private static let fileBytesMax = 1 << 20

    private let name: String
    private let credentialsFile: String?
    private let configurationFile: String?
    /// Whether the operator has asked for this profile, which then has to be there.
    private let isNamed: Bool

    init(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = value("HOME").map { $0 + "/.aws" }
        name = value("AWS_PROFILE") ?? "default"
        isNamed = value("AWS_PROFILE") != nil
        credentialsFile = value("AWS_SHARED_CREDENTIALS_FILE") ?? home.map { $0 + "/credentials" }
        configurationFile = value("AWS_CONFIG_FILE") ?? home.map { $0 + "/config" }
    }

    func credentials(over http: HTTPClient) throws(CloudFailure) -> CloudCredentials? {
        var found = try section(name, of: credentialsFile)
        if found == nil { found = try configured() }
        guard let found, let id = found["aws_access_key_id"], let secret = found["aws_secret_access_key"] else {
            guard !isNamed else { throw .noCredentials(reason: "profile \(name) has no access key") }
            return nil
        }
        return CloudCredentials(accessKeyID: id, secretKey: secret, sessionToken: found["aws_session_token"])
    }

    func region() throws(CloudFailure) -> String? { try configured()?["region"] }

    /// In this file every profile but the default one says that it is one.
    private func configured() throws(CloudFailure) -> [String: String]? {
        try section(name == "default" ? name : "profile \(name)", of: configurationFile)
    }

    private func section(_ wanted: String, of path: String?) throws(CloudFailure) -> [String: String]? {
        guard let path, FileManager.default.fileExists(atPath: path) else { return nil }
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int
        guard let size, size <= Self.fileBytesMax, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw .noCredentials(reason: "\(path) cannot be read")
        }
        return Self.section(wanted, in: text)
    }

    /// The settings under a heading; nil where there is no such heading.
    static func section(_ wanted: String, in text: String) -> [String: String]? {
        var found: [String: String]?
        var isWanted = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("["), line.hasSuffix("]") {
                isWanted = line.dropFirst().dropLast().trimmingCharacters(in: .whitespaces) == wanted
                if isWanted, found == nil { found = [:] }
            } else if isWanted, !line.hasPrefix("#"), !line.hasPrefix(";"), let sign = line.firstIndex(of: "=") {
                let name = line[..<sign].trimmingCharacters(in: .whitespaces).lowercased()
                found?[name] = line[line.index(after: sign)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return found
    }
}
