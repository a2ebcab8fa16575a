import ArgumentParser
import Testing

@testable import cloudretail

@Suite("The settings of a node")
struct ConfigurationTests {
    @Test("each have a flag", arguments: NodeConfiguration.table.map(\.name))
    func flags(name: String) throws {
        // The flags themselves, without the table that the help repeats.
        let usage = ServeCommand.helpMessage(columns: 100).split(separator: "\n").filter { $0.hasPrefix("  --") }
        #expect(usage.contains { $0.hasPrefix("  --\(name) ") })
    }

    @Test("are read from flags, and what is no value is refused by name")
    func values() async throws {
        let flags = [
            "data-dir": "/nowhere", "cors-origins": "https://a.example, https://b.example",
            "requests-in-flight-max": "7"
        ]
        let configuration = try await NodeConfiguration.read(flags: flags, file: nil)
        #expect(configuration.corsOrigins == ["https://a.example", "https://b.example"])
        #expect(configuration.requestsInFlightMax == 7)
        await #expect(throws: NodeConfiguration.Invalid.self) {
            _ = try await NodeConfiguration.read(
                flags: flags.merging(["requests-in-flight-max": "0"]) { $1 }, file: nil)
        }
    }
}
