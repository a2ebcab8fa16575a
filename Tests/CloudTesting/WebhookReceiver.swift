import Foundation
import ProcessTesting

/// A receiver of webhooks on loopback that verifies what it is sent with the standard's own library.
public actor WebhookReceiver {
    /// What was sent.
    public struct Delivery: Decodable, Sendable {
        public struct Event: Decodable, Sendable {
            public let id: String
            public let type: String
            public let subject: String
        }

        /// Why it could not be verified.
        public let bad: String?
        /// The `webhook-id`.
        public let id: String
        public let signatures: Int
        /// nil where it could not be verified.
        public let event: Event?
    }

    private let folder: URL
    private var process: ChildProcess
    public nonisolated let url: String
    private nonisolated var eventsFile: URL { folder.appending(path: "webhooks.jsonl") }

    public init(in folder: URL) async throws {
        self.folder = folder
        process = try await Self.start("0", in: folder)
        url = try await process.line(after: "listening on ")
    }

    private static func start(_ port: String, in folder: URL) async throws -> ChildProcess {
        let files = ["webhook-secret", "webhooks.jsonl"].map { folder.appending(path: $0).path }
        return try await PythonProgram.start("receiver.py", [port] + files, in: folder)
    }

    /// What it verifies with from now on.
    public nonisolated func use(_ secret: String) throws {
        try Data(secret.utf8).write(to: folder.appending(path: "webhook-secret"), options: .atomic)
    }

    public func stop() async throws {
        process.kill()
        _ = try await process.exit()
    }

    /// Starts it where it was.
    public func restart() async throws {
        process = try await Self.start(url.split(separator: ":").last.map(String.init) ?? "0", in: folder)
        _ = try await process.line(after: "listening on ")
    }

    /// In the order in which they came; none before the first.
    public nonisolated func deliveries() throws -> [Delivery] {
        guard FileManager.default.fileExists(atPath: eventsFile.path) else { return [] }
        let text = try String(contentsOf: eventsFile, encoding: .utf8)
        // The last line may be half written.
        let whole = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
        return try whole.split(separator: "\n").map { try JSONDecoder().decode(Delivery.self, from: Data($0.utf8)) }
    }
}
