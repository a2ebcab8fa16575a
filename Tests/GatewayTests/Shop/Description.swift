import Foundation
import HTTPTypes

@testable import Gateway

/// `data/openapi.yaml` as far as the tests read it. Its paths, methods and statuses are written one to a line.
struct Description: Sendable {
    struct Operation: Hashable, Sendable {
        let method: String
        let path: String
    }

    /// The statuses of each operation; `4XX` for a whole hundred.
    let statuses: [Operation: Set<String>]
    /// What each of the named answers says of itself, by its name.
    let answers: [String: String]
    /// What is said of each operation, its answers included.
    private let words: [Operation: String]

    /// The members of each of the named schemas, by its name.
    let members: [String: Set<String>]
    /// The codes of the schemas `Currency` and `Country`.
    let currencies: Set<String>
    let countries: Set<String>
    /// The names of the schema `EventType`, and those of the table of events.
    let eventTypes: Set<String>
    let describedEvents: Set<String>

    /// Lower case.
    private let text: String

    static let file = try? Description()

    /// What any server of HTTP may send, and says nothing of the interface.
    private static let unspecific: Set = [
        "access-control-allow-origin", "access-control-expose-headers", "cache-control", "connection", "content-length",
        "content-type", "date", "referrer-policy", "server", "transfer-encoding", "vary", "x-content-type-options",
    ]

    /// Whether the header field of an answer is told of, in an answer or in words.
    func describes(field name: String) -> Bool {
        let name = name.lowercased()
        return Self.unspecific.contains(name)
            || [" \(name): {", "{\(name): {", "`\(name)`"].contains { text.contains($0) }
    }

    init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../data/openapi.yaml")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        text = lines.joined(separator: "\n").lowercased()
        (statuses, words) = Self.operations(lines)
        answers = Self.answers(lines)
        members = Self.members(lines)
        currencies = Self.codes(of: "Currency", lines)
        countries = Self.codes(of: "Country", lines)
        let listed = lines.drop { $0 != "    EventType:" }.drop { !$0.hasSuffix("enum:") }.dropFirst()
        eventTypes = Set(listed.prefix { $0.hasPrefix("        - ") }.map { String($0.dropFirst(10)) })
        let rows = lines.drop { !$0.hasSuffix("| type | data |") }.dropFirst(2).prefix { $0.hasPrefix("        | ") }
        let names = rows.compactMap { $0.split(separator: "|").dropFirst().first }
        describedEvents = Set(names.joined(separator: " ").matches(of: /`([A-Za-z]+)`/).map { String($0.output.1) })
    }

    /// The codes that a schema lists.
    private static func codes(of schema: String, _ lines: [String]) -> Set<String> {
        let text = lines.drop { $0 != "    \(schema):" }.drop { !$0.contains("enum: [") }.joined(separator: " ")
        return Set(text.prefix { $0 != "]" }.matches(of: /\b[A-Z]{2,3}\b/).map { String($0.output) })
    }

    /// Whether an answer of an operation tells of a header field, by itself or by the named answer that it refers to.
    func describes(field name: String, of operation: Operation, status: String) -> Bool {
        let answer = (words[operation] ?? "").split(separator: "        '").first { $0.hasPrefix("\(status)':") } ?? ""
        let named = answer.matches(of: /components\/responses\/(\w+)/).compactMap { answers[String($0.output.1)] }
        return ([String(answer)] + named).contains { $0.contains("\(name): {$ref") }
    }

    private static func operations(_ lines: [String]) -> ([Operation: Set<String>], [Operation: String]) {
        let methods: Set = ["get", "put", "post", "patch", "delete"]
        var statuses: [Operation: Set<String>] = [:]
        var words: [Operation: String] = [:]
        var section = ""
        var path = ""
        var operation: Operation?
        for line in lines {
            let name = line.trimmingCharacters(in: .whitespaces).split(separator: ":").first.map(String.init) ?? ""
            switch line.prefix { $0 == " " }.count {
            case 0: section = line
            case 2 where section == "paths:" && line.hasPrefix("  /"): path = String(line.dropFirst(2).dropLast())
            case 4 where section == "paths:" && methods.contains(name):
                operation = Operation(method: name.uppercased(), path: path)
                statuses[operation!] = []
            case 8 where section == "paths:" && name.hasPrefix("'"):
                if let operation { statuses[operation]?.insert(name.replacing("'", with: "")) }
            default: break
            }
            if section == "paths:", let operation { words[operation, default: ""] += line + "\n" }
        }
        return (statuses, words)
    }

    private static func answers(_ lines: [String]) -> [String: String] {
        var answers: [String: String] = [:]
        guard let start = lines.firstIndex(of: "  responses:") else { return [:] }
        var name = ""
        for line in lines[(start + 1)...] {
            if line.hasPrefix("  "), !line.hasPrefix("   ") { break }
            if line.hasPrefix("    "), !line.hasPrefix("     ") {
                name = line.trimmingCharacters(in: .whitespaces).replacing(":", with: "")
            }
            answers[name, default: ""] += line + "\n"
        }
        return answers
    }

    private static func members(_ lines: [String]) -> [String: Set<String>] {
        var members: [String: Set<String>] = [:]
        var (schema, keyword) = ("", "")
        for line in lines.drop(while: { $0 != "  schemas:" }).dropFirst() {
            let name = line.trimmingCharacters(in: .whitespaces).prefix { $0 != ":" }
            switch line.prefix { $0 == " " }.count {
            case ..<4: return members
            case 4: schema = String(name)
            case 6: keyword = String(name)
            case 8 where keyword == "properties": members[schema, default: []].insert(String(name))
            default: break
            }
        }
        return members
    }

    /// What is documented of a request's route; nil for a path or a method that none takes.
    func statuses(_ method: HTTPRequest.Method, _ uri: String) -> Set<String>? {
        let path = uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? uri
        let parts = path.split(separator: "/")
        let method = method == .head ? "GET" : method.rawValue
        let candidates = statuses.filter { operation, _ in
            let pattern = operation.path.split(separator: "/")
            return operation.method == method && pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        return candidates.min { $0.key.path.count { $0 == "{" } < $1.key.path.count { $0 == "{" } }?.value
    }
}
