import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("The API's description")
struct DescriptionTests {
    /// The operations of `data/openapi.yaml`, such as `GET /api/v1/cart`. Its paths are written one to a line.
    static func documented() throws -> Set<String> {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../data/openapi.yaml")
        let methods: Set = ["get", "put", "post", "patch", "delete"]
        var operations: Set<String> = []
        var path: String?
        var isInPaths = false
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if !line.hasPrefix(" ") { isInPaths = line == "paths:" }
            guard isInPaths, line.hasSuffix(":") else { continue }
            if line.hasPrefix("  /") { path = String(line.dropFirst(2).dropLast()) }
            let word = String(line.dropFirst(4).dropLast())
            if line.hasPrefix("    "), methods.contains(word), let path {
                operations.insert("\(word.uppercased()) \(path)")
            }
        }
        return operations
    }

    @Test("what is documented is what is answered")
    func agreement() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let documented = try Self.documented()
            let registered = Set(fixture.routes)
            #expect(documented.subtracting(registered) == [], "documented, but not there")
            #expect(registered.subtracting(documented) == [], "there, but not documented")
            #expect(documented.count > 40)
        }
    }

    @Test("the description is served")
    func served() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let response = try await fixture.client.execute(uri: "/openapi.yaml", method: .get)
            #expect(response.status == .ok && response.headers[.contentType] == "application/yaml")
        }
    }
}
