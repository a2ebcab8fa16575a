import AsyncHTTPClient
import Foundation
import ProcessTesting

/// A cloud of a test's own on loopback, with a bucket `shop` and an event bus `default`.
///
/// It proves each signature with the vendor's own signer, and fails as often as it is told to.
public actor CloudServer {
    public static let accessKeyID = "AKIDFORTESTSONLY0000"
    public static let secretKey = "of/tests+only"

    /// What it does wrong, and how often: a chance from 0 to 1.
    public enum Fault: String, Sendable {
        /// Answered with 503, and not done.
        case unavailable
        case throttled
        /// Done, and answered with an error.
        case lost
        /// An entry of a batch fails.
        case partial
    }

    /// An entry that the event bus has taken.
    public struct Entry: Decodable, Sendable {
        public let Source: String
        public let DetailType: String
        public let Detail: String
    }

    private let folder: URL
    private var process: ChildProcess
    public private(set) var url: String
    private var port: String { url.split(separator: ":").last.map(String.init) ?? "0" }
    private nonisolated var eventsFile: URL { folder.appending(path: "events.jsonl") }

    public init(in folder: URL) async throws {
        self.folder = folder
        process = try await Self.start("0", in: folder)
        url = try await process.line(after: "listening on ")
    }

    private static func start(_ port: String, in folder: URL) async throws -> ChildProcess {
        let events = folder.appending(path: "events.jsonl").path
        return try await PythonProgram.start("cloud.py", [port, accessKeyID, secretKey, events], in: folder)
    }

    /// Ends it, with all that it has but the events.
    public func stop() async throws {
        process.kill()
        _ = try await process.exit()
    }

    /// Starts it where it was.
    public func restart() async throws {
        process = try await Self.start(port, in: folder)
        _ = try await process.line(after: "listening on ")
    }

    public func set(_ faults: [Fault: Double]) async throws {
        try await tell("faults", Dictionary(uniqueKeysWithValues: faults.map { ($0.rawValue, $1) }))
    }

    /// Makes `value` the current version of a secret.
    public func put(secret name: String, _ value: String) async throws {
        try await tell("secrets", ["name": name, "value": value])
    }

    /// The same, for an object of JSON.
    public func put(secret name: String, _ values: [String: String]) async throws {
        try await put(secret: name, String(decoding: JSONEncoder().encode(values), as: UTF8.self))
    }

    private struct Refused: Error { let status: UInt }

    private func tell(_ path: String, _ value: some Encodable) async throws {
        var request = HTTPClientRequest(url: "\(url)/test/\(path)")
        request.method = .POST
        request.headers = ["content-type": "application/json"]
        request.body = .bytes(try JSONEncoder().encode(value))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        guard answer.status == .ok else { throw Refused(status: answer.status.code) }
        _ = try await answer.body.collect(upTo: 1_024)
    }

    /// The objects in the bucket, by their keys, with the headers that they are served with.
    public func objects() async throws -> [String: [String: String]] {
        let request = HTTPClientRequest(url: url + "/test/objects")
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await answer.body.collect(upTo: 1 << 20)
        return try JSONDecoder().decode([String: [String: String]].self, from: Data(body.readableBytesView))
    }

    /// What a process needs to find it.
    public var environment: [String: String] {
        [
            "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": Self.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": Self.secretKey,
        ]
    }

    /// Entries in the order in which the bus has taken them.
    ///
    /// - Throws: when a batch broke the rules of the bus.
    public nonisolated func events() throws -> [Entry] {
        try String(contentsOf: eventsFile, encoding: .utf8).split(separator: "\n").map { line in
            try JSONDecoder().decode(Entry.self, from: Data(line.utf8))
        }
    }
}
