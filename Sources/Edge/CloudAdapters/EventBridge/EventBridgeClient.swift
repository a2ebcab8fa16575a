import Foundation

/// The one call of EventBridge that a shop makes.
struct EventBridgeClient: Sendable {
    /// Ten short objects.
    private static let answerBytesMax = 64 << 10

    let client: CloudClient
    /// The name of the bus, or what identifies it across accounts.
    let bus: String

    private struct Call: Encodable {
        struct Entry: Encodable {
            let Source: String
            let DetailType: String
            let Detail: String
            let EventBusName: String
            /// Seconds since 1970.
            let Time: Double
        }

        let Entries: [Entry]
    }

    private struct Answer: Decodable {
        struct Entry: Decodable {
            let EventId: String?
            let ErrorCode: String?
        }

        let Entries: [Entry]
    }

    /// Hands a batch over, once.
    ///
    /// - Returns: why each entry is not with the bus, in the order of the entries; nil for those that are.
    func put(_ entries: [EventEntry]) async throws(CloudFailure) -> [String?] {
        let call = Call(
            Entries: entries.map { entry in
                Call.Entry(
                    Source: EventEntry.source, DetailType: entry.type, Detail: entry.detail, EventBusName: bus,
                    Time: Double(entry.time.milliseconds) / 1_000)
            })
        let body: Data
        do { body = try JSONEncoder().encode(call) } catch { preconditionFailure("texts are always JSON: \(error)") }
        let request = CloudRequest(
            .post, "/",
            headers: [
                .init("content-type", "application/x-amz-json-1.1"), .init("x-amz-target", "AWSEvents.PutEvents"),
            ], body: [UInt8](body))
        let told = try await client.send(request, answerUpTo: Self.answerBytesMax)
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(told.body)),
            answer.Entries.count == entries.count
        else { throw .malformedAnswer("not as many results as entries") }
        return answer.Entries.map { $0.EventId == nil ? $0.ErrorCode ?? "no id" : nil }
    }
}
