import CloudTesting
import EventSourcing
import Foundation
import Logging
import Testing

@testable import CloudAdapters

@Suite("EventBridge", .timeLimit(.minutes(10))) struct EventBridgeBusTests {
    @Test("is told of every event, in order for each subject, while it fails in every way")
    func faults() async throws {
        let folder = try TestFolder()
        let cloud = try await CloudServer(in: folder.url)
        let settings = try CloudSettings(.events, environment: await cloud.environment)
        let bus = EventBridgeBus(
            named: "default", settings, clock: { .present },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, describe: { _, _ in "" })
        do {
            try await publish(to: bus, of: cloud)
        } catch {
            // It has to be shut down whatever comes of it.
            await bus.shutdown()
            throw error
        }
        await bus.shutdown()
        try await cloud.stop()
    }

    private func publish(to bus: EventBridgeBus, of cloud: CloudServer) async throws {
        let entries = (0..<1_500).map { number in
            EventEntry(
                subject: "order-\(number % 90)", type: "OrderPlaced",
                detail: #"{"subject":"order-\#(number % 90)","id":\#(number),"x":"\#(filling(number))"}"#,
                time: .present)
        }
        try await cloud.set([.unavailable: 0.1, .throttled: 0.1, .lost: 0.1, .partial: 0.1])
        async let published: Void = bus.publish(entries)
        while try cloud.events().count < 300 { try await Task.sleep(for: .milliseconds(20)) }
        try await cloud.stop()
        try await cloud.restart()
        try await published
        #expect(!bus.health.isFailing || bus.health.failed > 0)
        let told = try cloud.events()
        #expect(told.allSatisfy { $0.Source == "cloudretail" && $0.DetailType == "OrderPlaced" })
        expectOrder(told.map(\.Detail), of: entries.map(\.detail))
    }

    /// Some are so long that few fit a batch.
    private func filling(_ number: Int) -> String { String(repeating: "y", count: number % 3 == 0 ? 40_000 : 5) }

    /// Each of `wanted` is there; the first of each comes behind the first of the one before it of its subject.
    private func expectOrder(_ told: [String], of wanted: [String]) {
        var first: [String: Int] = [:]
        for (place, detail) in told.enumerated() where first[detail] == nil { first[detail] = place }
        var last: [Substring: Int] = [:]
        for detail in wanted {
            guard let place = first[detail] else { return #expect(Bool(false), "missing: \(detail.prefix(40))") }
            let subject = detail.prefix { $0 != "," }
            #expect(place > last[subject] ?? -1, "out of order: \(detail.prefix(40))")
            last[subject] = place
        }
    }
}
