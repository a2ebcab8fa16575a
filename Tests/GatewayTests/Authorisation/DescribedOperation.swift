import Foundation
import Testing

@testable import Gateway

/// One operation of `data/openapi.yaml`, with who may call it.
struct DescribedOperation: Sendable, Hashable, CustomTestStringConvertible {
    enum Access: Sendable, Hashable {
        /// A token is not even looked at: `security: [{}]`.
        case open
        /// Without a token too; one that is sent must be good: `security: [{}, {bearer: []}]`.
        case optional
        /// `security: [{bearer: [staff]}]`: of this role, or of one that includes it.
        case role(Principal.Role)
    }

    let method: String
    /// Such as `/api/v1/orders/{id}`.
    let path: String
    let access: Access
    /// Whether its answer has no end.
    let isStream: Bool

    var testDescription: String { "\(method) \(path)" }

    struct Undeclared: Error, CustomStringConvertible {
        let operation: String
        let security: [String]
        var description: String { "\(operation) declares its security as \(security)" }
    }

    /// Reads all operations. Paths, methods and `security` stand on lines of their own.
    ///
    /// - Throws: `Undeclared` when one of them does not say who may call it.
    static func all() throws -> [DescribedOperation] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../data/openapi.yaml")
        return try operations(in: try String(contentsOf: file, encoding: .utf8))
    }

    static func operations(in description: String) throws -> [DescribedOperation] {
        let methods: Set = ["get", "put", "post", "patch", "delete"]
        var operations: [DescribedOperation] = []
        var (path, method): (String?, String?)
        var (security, isStream, isInPaths): ([String], Bool, Bool) = ([], false, false)
        func end() throws {
            guard let path, let method else { return }
            let name = "\(method.uppercased()) \(path)"
            guard security.count == 1, let access = Access(security[0]) else {
                throw Undeclared(operation: name, security: security)
            }
            operations.append(
                DescribedOperation(method: method.uppercased(), path: path, access: access, isStream: isStream))
        }
        for line in description.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if indent <= 4, line.hasSuffix(":") || indent == 0 {
                try end()
                (method, security, isStream) = (nil, [], false)
            }
            if indent == 0 { isInPaths = line == "paths:" }
            guard isInPaths else { continue }
            if indent == 2, text.hasPrefix("/") { path = String(text.dropLast()) }
            if indent == 4, methods.contains(String(text.dropLast())) { method = String(text.dropLast()) }
            if indent == 6, text.hasPrefix("security: ") { security.append(String(text.dropFirst(10))) }
            if text.contains("text/event-stream") { isStream = true }
        }
        try end()
        return operations
    }

    /// The path with every free segment filled in.
    func path(_ values: [String: String]) -> String? {
        var filled = path
        for (name, value) in values { filled = filled.replacing("{\(name)}", with: value) }
        return filled.contains("{") ? nil : filled
    }
}

extension DescribedOperation.Access {
    fileprivate init?(_ security: String) {
        switch security {
        case "[{}]": self = .open
        case "[{}, {bearer: []}]": self = .optional
        default:
            guard let match = security.wholeMatch(of: /\[\{bearer: \[(\w+)\]\}\]/),
                let role = Principal.Role(rawValue: String(match.1))
            else { return nil }
            self = .role(role)
        }
    }

    /// Whether each caller has something of their own behind it.
    var isOwn: Bool { self == .role(.guest) || self == .role(.customer) }

    /// What a caller with this role, or with none, is answered before anything else is looked at; nil when they may.
    func refusal(of role: Principal.Role?) -> Int? {
        guard case .role(let wanted) = self else { return nil }
        guard let role else { return 401 }
        return role < wanted ? 403 : nil
    }
}
